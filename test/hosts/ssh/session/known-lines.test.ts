import { describe, expect, it } from '@jest/globals';

import { readCommandLine } from '../../../../hosts/ssh/session/command-line.ts';
import { readCommandLineAgain } from '../../../../hosts/ssh/session/known-lines.ts';

const asker = { user: 'deploy', pty: false };
const read = (text: string | Buffer, by = asker) => readCommandLineAgain(Buffer.from(text), by);

describe('a command line that comes again', () => {
  it('is what was read the first time, with facts that cannot change', () => {
    const first = read('systemctl restart web');
    const again = read('systemctl restart web');
    expect(again).toBe(first);
    expect(again).toEqual(readCommandLine(Buffer.from('systemctl restart web'), asker));
    expect(again.kind === 'command' && Object.isFrozen(again.statement.facts)).toBe(true);
  });

  it.each([
    ['of another account', { user: 'root', pty: false }],
    ['at a terminal', { user: 'deploy', pty: true }],
    ['of an account whose name goes on like the line', { user: 'deploy",false,"id', pty: false }],
  ])('is read anew %s', (_, other) => {
    read('id');
    const line = read('id', other);
    expect(line).toEqual(readCommandLine(Buffer.from('id'), other));
    expect(line).toMatchObject({ statement: { facts: other } });
  });

  it('differs by any byte', () => {
    expect(read('id ')).not.toBe(read('id'));
    expect(read(Buffer.from([0x69, 0x64, 0xff])).kind).toBe('refused');
    expect(read(Buffer.from([0x69, 0x64, 0xff])).kind).toBe('refused');
  });

  it.each([
    ['long', `echo ${'x'.repeat(1100)}`],
    ['of many commands', 'id;'.repeat(40)],
    ['of many files', `cat ${'a'.repeat(100)}{1..60}`],
    ['refused', 'echo \r'],
    ['a transfer', 'scp -t /tmp/x'],
  ])('is read anew when it is %s', (_, text) => {
    expect(read(text)).not.toBe(read(text));
    expect(read(text)).toEqual(readCommandLine(Buffer.from(text), asker));
  });

  it('is forgotten behind a thousand others', () => {
    const first = read('uptime');
    for (let line = 0; line <= 1000; line += 1) read(`echo ${line}`);
    expect(read('uptime')).not.toBe(first);
  });
});
