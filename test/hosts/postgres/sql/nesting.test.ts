// The depth bound must never be lower than the tree that PostgreSQL's parser builds.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { nestingBound, nestingMax, nestsTooDeep } from '../../../../hosts/postgres/sql/nesting.ts';
import { parseSql } from '../../../../hosts/postgres/sql/parser.ts';

const nodeDepth = (value: unknown): number => {
  if (Array.isArray(value)) return Math.max(0, ...value.map(nodeDepth));
  if (typeof value !== 'object' || value === null) return 0;
  return Math.max(
    0,
    ...Object.entries(value).map(
      ([key, child]) => nodeDepth(child) + (/^[A-Z]/.test(key) || /arg$/.test(key) ? 1 : 0),
    ),
  );
};

// One hole each, so that any composition parses; the texts around it try to mislead the lexer.
const wrappers = [
  '(%)',
  '% + 1',
  '1 + %',
  '- %',
  'f(%, 1)',
  'f(1, %)',
  '(SELECT %)',
  '(SELECT 1, % UNION SELECT 2, 3)',
  '(SELECT 1 FROM a JOIN b ON a.x AND % JOIN c ON true)',
  "%::text || E'\\')' || '\\'",
  "% || E'a' --'\n '\\'('",
  '% || $$ ) ( $$ || $a$ $$ ( $a$',
  '% || "and(" /* ( /* , */ ) */',
  'x.and || %',
  "% || U&'\\0041('",
  'ARRAY[1, %]',
  'CASE WHEN true AND % THEN 1 END',
  'CASE 1 WHEN 1 THEN 2 ELSE % END',
  '(1 BETWEEN 2 AND %)',
  '(true AND % AND false)',
  '(NOT %)',
  '% IS NULL',
  '% COLLATE "C"',
  '(x IN (1, %))',
  'CAST(% AS int)',
  'ROW(%, 1)',
  '1a$b',
];

describe('nesting bound', () => {
  it('is never below the depth of the parsed tree', () => {
    let parsed = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...wrappers), { maxLength: 40 }), (layers) => {
        const text = `SELECT ${layers.reduce((inner, layer) => layer.replace('%', () => inner), 'x')}`;
        const tree = parseSql(text, 1_000_000);
        if (tree.kind !== 'parsed') return;
        parsed += 1;
        expect(nodeDepth(tree.statements)).toBeLessThanOrEqual(4 * nestingBound(text) + 8);
      }),
      { numRuns: 2000, seed: 18 },
    );
    expect(parsed).toBeGreaterThan(500);
  });

  it.each([
    ['a row list', `INSERT INTO t VALUES ${"(1, 'it''s (', now()),".repeat(9000)}(1, 2, 3)`],
    ['an IN list', `SELECT 1 WHERE a IN (${'1,'.repeat(50_000)}1)`],
    ['alternatives', `SELECT 1 WHERE ${'a = 1 OR '.repeat(20_000)}b`],
    ['a long text', `SELECT '${'word (and '.repeat(20_000)}'`],
    ['many statements', 'SELECT 1 + 1;'.repeat(10_000)],
    ['comments', `SELECT 1 ${'-- (((\n/* [[[ */'.repeat(5000)}`],
  ])('lets %s pass', (_name, text) => {
    expect(nestsTooDeep(text)).toBe(false);
  });

  it.each([
    ['dotted keywords', `SELECT a${'.and || a'.repeat(nestingMax)}`],
    ['BETWEEN over NOT', `SELECT a${' BETWEEN 1 AND NOT a'.repeat(nestingMax + 1)}`],
    ['a resumed escape string', `SELECT E'a'\n'\\'' ${'+ 1'.repeat(nestingMax)} -- '`],
    ['a dollar quote after a number', `SELECT 1$a$ ' $a$ ${'+ 1'.repeat(nestingMax)} -- '`],
    ['unions with lists', `SELECT 1, 2${' UNION SELECT 1, 2'.repeat(nestingMax + 1)}`],
    ['operators after brackets', `SELECT ${'('.repeat(500)}a${'+b+b)'.repeat(500)}`],
  ])('stops %s', (_name, text) => {
    expect(nestsTooDeep(text)).toBe(true);
  });
});
