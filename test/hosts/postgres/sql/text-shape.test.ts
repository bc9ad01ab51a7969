// What a shape leaves out of a text must not decide what the text is.

import { describe, expect, it } from '@jest/globals';

import { shapeOf } from '../../../../hosts/postgres/sql/text-shape.ts';

const literalsOf = (text: string): readonly string[] =>
  shapeOf(text)?.literals.map((literal) => literal.text) ?? [];

describe('the shape of a text', () => {
  it.each([
    ['SELECT a FROM t WHERE b = 123456', ['123456']],
    [`select 'it''s', 5 from t -- 7 'x'\n where a=1`, [`'it''s'`, '5', '1']],
    [`INSERT INTO t VALUES (1, 'a'), (2, '')`, ['1', `'a'`, '2', `''`]],
    ['SELECT "7 \'x\'", a1 FROM t WHERE b > - 3 /* 4 */', ['3']],
    ['(SELECT 1) UNION SELECT $2', ['1']],
    ['UPDATE t SET a = a + -5 WHERE b IN (1,2)', ['5', '1', '2']],
  ])('of %j leaves out its literals', (text, literals) => {
    expect(literalsOf(text)).toEqual(literals);
  });

  it.each([
    ['a decimal', 'SELECT 1.5, .5, 1., 1e5, 1e-5, 1.5E+3'],
    ['a number that may be no int4', 'SELECT 1234567890'],
    ['other notations', 'SELECT 0x1F, 1_000'],
    ['other kinds of strings', `SELECT x'1F', B'1', n'a', U&'a', E'a', $$a$$, $x$1$x$`],
    ['what tells an escape', `SELECT U&"d!0061" UESCAPE '!'`],
    ['the precision of a type', 'SELECT a::float(24), b::float /**/ (53)'],
  ])('keeps %s', (_name, text) => {
    expect(literalsOf(text)).toEqual([]);
  });

  it.each([
    'SET a = 1',
    'COPY t TO STDOUT (HEADER 1)',
    `DO 'x'`,
    `NOTIFY a, 'b'`,
    'EXPLAIN SELECT 1',
    'SELECT',
    '',
    `SELECT 'ä'`,
    `SELECT '\\'`,
    'SELECT 1 \u0001',
    `SELECT 'a'\n'b'`,
    `SELECT x'1'\n'2'`,
  ])('is none of %j', (text) => {
    expect(shapeOf(text)).toBeUndefined();
  });

  it('tells literals of one kind from those of the other', () => {
    expect(shapeOf('SELECT 1')?.shape).not.toBe(shapeOf(`SELECT '1'`)?.shape);
    expect(shapeOf('SELECT 1')?.shape).toBe(shapeOf('SELECT 22')?.shape);
  });
});
