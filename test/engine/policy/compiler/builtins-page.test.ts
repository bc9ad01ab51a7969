// The page that authors read says what the capabilities say.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import capabilities from '../../../../engine/policy/compiler/capabilities.json' with { type: 'json' };

const page = readFileSync(
  join(import.meta.dirname, '../../../../docs/reference/builtins.md'),
  'utf8',
);
const [allowed = '', refused = ''] = page.split('## Refused');
const cells = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:-|for |refused )/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')));

describe('docs/reference/builtins.md', () => {
  it('lists each allowed builtin', () => {
    const rows = cells(allowed).map((row) => row[2] ?? '');
    const listed = rows.flatMap((row) => [...row.matchAll(/(?:^|, )`([a-z_.2-3]+)`/g)]);
    const names = listed.map(([, name]) => name).filter((name) => name !== undefined);
    expect(names.sort()).toEqual(capabilities.builtins.toSorted());
  });

  it('says for each refused builtin what to write instead', () => {
    const rows = cells(refused).map((row) => [/`([^`]+)`/.exec(row[1] ?? '')?.[1], row[2]]);
    expect(Object.fromEntries(rows)).toEqual(capabilities.instead);
  });
});
