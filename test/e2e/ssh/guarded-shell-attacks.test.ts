import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import type { GuardedTarget } from '../../../hosts/ssh/guard/index.ts';
import type { JudgeLine, TargetShell } from '../../../hosts/ssh/interactive/index.ts';
import { stateChanges } from '../../../hosts/ssh/interactive/index.ts';
import { readCommand } from '../../../hosts/ssh/shell/index.ts';
import { describeIf } from '../../support/describe-if.ts';
import { GuardedSession, InteractiveTarget } from '../../support/ssh/interactive.ts';

let target: InteractiveTarget;
let connection: GuardedTarget;

beforeAll(async () => {
  target = await InteractiveTarget.start();
  connection = await target.connect();
});
afterAll(() => target[Symbol.asyncDispose]());

const at = (name: string): string => join(target.directory, name);

/** A policy that allows everything but what a guarded shell refuses by itself. */
const judge: JudgeLine = ({ text, directory }) => {
  const read = readCommand(text);
  if (read.kind === 'refused') return Promise.resolve({ kind: 'refuse', message: read.rule });
  const rules = stateChanges(text, read.facts, directory);
  return Promise.resolve(
    rules.length === 0 ? { kind: 'run' } : { kind: 'refuse', message: `rule ${rules.join(' ')}` },
  );
};

/** Lines that a hostile person enters one after the other; the last one must do what it says, and no more. */
const attacks: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ['an alias', ['alias echo="touch EVIL; echo"', 'echo harmless']],
  ['a function', ['echo() { touch EVIL; }', 'echo harmless']],
  ['a function in brackets', ['echo() (touch EVIL)', 'echo harmless']],
  ['a trap', ["trap 'touch EVIL' DEBUG", 'echo harmless']],
  ['a trap at the end of the shell', ["trap 'touch EVIL' EXIT", 'echo harmless']],
  ['another shell', ['exec sh', 'echo harmless']],
  ['the terminal as standard input', ['exec </dev/tty', 'echo harmless']],
  ['another path', ['PATH=DIRECTORY:$PATH', 'true', 'echo harmless']],
  ['evaluated text', ["eval 'alias echo=false'", 'echo harmless']],
  ['an option', ['set -o posix', 'shopt -s expand_aliases', 'echo harmless']],
  ['a prompt that runs', ["PROMPT_COMMAND='touch EVIL'", "PS1='$(touch EVIL)'", 'echo harmless']],
  ['a remembered place', ['hash -p DIRECTORY/x echo', 'echo harmless']],
  ['the FIFO by its number', ['echo touch EVIL >&0', 'echo touch EVIL >&10', 'echo harmless']],
  ['the report by its number', ['echo E 0 >&8', 'echo . >&11', 'echo harmless']],
  ['the FIFO by its process', ['echo touch EVIL > /proc/$$/fd/0', 'echo harmless']],
  ['an unfinished text', ["echo 'a'\\''; touch EVIL", 'echo harmless']],
  ['brackets that close ours', ["'; touch EVIL; '", '} ; touch EVIL', 'echo harmless']],
  ['a loop that would end ours', ['break; continue', 'echo harmless']],
  ['an interrupt of the shell', ['kill -INT $$', 'echo harmless']],
  ['a program in the background that reads', ['cat > DIRECTORY/read &', 'echo harmless']],
  ['one that is in no job any more', ['setsid cat > DIRECTORY/read2 &', 'echo harmless']],
  ['marks in the output', ["printf '\\036%064d\\037' 0", 'echo harmless']],
];

const suite = (shell: TargetShell): void => {
  it.each(attacks)('%s', async (name, lines) => {
    const evil = at(`evil-${shell}-${name.replaceAll(' ', '-')}`);
    const session = await new GuardedSession(connection, { shell, judge }).ready();
    for (const line of lines.slice(0, -1)) {
      session.keyboard.type(
        `${line.replaceAll('EVIL', evil).replaceAll('DIRECTORY', target.directory)}\r`,
      );
      await session.keyboard.sees('$ ');
    }
    // Behind an unfinished quote the editor asks for more: that is dropped.
    session.keyboard.type('\x03');
    expect(await session.enter('echo harmless')).toMatch(/^harmless\r$/m);
    session.leave();
    await session.done;
    expect(existsSync(evil)).toBe(false);
  });

  it('keeps its wires where a line that nobody refuses reaches for them', async () => {
    const session = await new GuardedSession(connection, { shell }).ready();
    // What a redirection of the whole line changes is put back with the line.
    await session.enter('exec 0</dev/null 7</dev/null 8>/dev/null');
    expect(await session.enter('echo still here')).toBe('still here\r\n');
    await session.enter('alias echo=false eval=false printf=false pwd=false');
    expect(await session.enter('echo still here')).toBe('still here\r\n');
    await session.enter('echo 0 >&8; cat <&7');
    expect(session.ended.at(-1)?.status).not.toBe(0);
    session.leave();
    await session.done;
  });

  it('has FIFOs that nobody can open by a name', async () => {
    const session = await new GuardedSession(connection, { shell }).ready();
    await session.enter(`ls -ld $TMPDIR/.sallyport.* > ${at('names')} 2>&1`);
    await session.enter(`stat -L -c '%F %a' /proc/$$/fd/* > ${at('modes')} 2>&1`);
    expect(readFileSync(at('names'), 'utf8')).toMatch(/No such file/);
    const modes = readFileSync(at('modes'), 'utf8').split('\n');
    expect(new Set(modes.filter((line) => line.startsWith('fifo')))).toEqual(new Set(['fifo 0']));
    session.leave();
    await session.done;
  });

  it('gives a new line the terminal as it was, whatever a program did to it', async () => {
    const session = await new GuardedSession(connection, { shell }).ready();
    await session.enter('sh -c "stty raw -echo; kill -9 \\$\\$"');
    expect(await session.enter('stty -a')).toMatch(/ icanon[^]* echo /);
    session.leave();
    await session.done;
  });
};

describeIf('bash', 'attacks on a guarded shell', () => suite('bash'));
describeIf('dash', 'attacks on a guarded shell', () => suite('dash'));
describeIf('busybox', 'attacks on a guarded shell', () => suite('busybox'));
