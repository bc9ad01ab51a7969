// Every option of every wrapper takes as many words as its table says: `npm run differential -- shell --wrappers` asks the
// real programs the same.

import { describe, expect, it } from '@jest/globals';

import { readCommand } from '../../../../hosts/ssh/shell/index.ts';
import { wrapperLines } from './wrapper-lines.ts';

/** What the line is said to start; null where the arguments come from its input. */
const started = (line: string): readonly (string | null)[] | undefined => {
  const read = readCommand(line);
  if (read.kind === 'refused') return undefined;
  return read.facts.commands.find(({ name }) => name === 'evil')?.args;
};

describe('wrappers', () => {
  it.each(wrapperLines)('%s', (line) => {
    expect([
      ['a', 'b c'],
      ['a', null],
    ]).toContainEqual(started(line));
  });

  it.each([
    'sudo',
    'env',
    'timeout 5',
    'nice',
    'flock /x',
    'strace',
    'unshare',
    'docker exec c',
    'systemd-run',
  ])('%s with an option of no table raises a doubt', (wrapper) => {
    const [name = '', ...operands] = wrapper.split(' ');
    const line = [
      name,
      ...operands.filter((word) => word === 'exec'),
      '--frobnicate',
      ...operands.filter((word) => word !== 'exec'),
      'evil',
    ];
    const read = readCommand(line.join(' '));
    expect(read).toMatchObject({ facts: { confidence: 'dynamic' } });
  });
});
