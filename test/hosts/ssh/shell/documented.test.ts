// The reference page of shell commands names every doubt, rule and wrapper, and no other.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { commandRules, doubts } from '../../../../hosts/ssh/shell/index.ts';
import { wrappers, wrappingBuiltins } from '../../../../hosts/ssh/shell/wrappers/index.ts';

const page = readFileSync(
  join(import.meta.dirname, '../../../../docs/reference/ssh-commands.md'),
  'utf8',
);

/** Names in the first column of the table below a heading. */
const listed = (heading: string): readonly string[] => {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
};

describe('docs/reference/ssh-commands.md', () => {
  it('explains every doubt in the words of the code', () => {
    expect(listed('Doubts')).toEqual(Object.keys(doubts));
    const plain = page.replace(/\s+/g, ' ');
    for (const { description } of Object.values(doubts)) {
      expect(plain).toContain(description.replaceAll('|', String.raw`\|`).replace(/\s+/g, ' '));
    }
  });

  it('explains every rule by which text is refused', () => {
    expect(listed('Refused text')).toEqual(Object.keys(commandRules));
  });

  it('names every wrapper', () => {
    const section = page.split(/^## /m).find((text) => text.startsWith('Wrappers')) ?? '';
    const names = [...section.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining([...wrappers.keys(), ...wrappingBuiltins.keys()]));
  });
});
