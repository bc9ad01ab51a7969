// The parser box: adversarial shapes are refused, honest bulk is parsed, and a broken parser is never reused.

import { describe, expect, it } from '@jest/globals';

import {
  parseSql,
  parserReplacements,
  parseUnboundedForTest,
} from '../../../../hosts/postgres/sql/parser.ts';

const bytesMax = 256 * 1024;

const shapes: Readonly<Record<string, (n: number) => string>> = {
  parentheses: (n) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)}`,
  plus: (n) => `SELECT 1${'+1'.repeat(n)}`,
  not: (n) => `SELECT ${'NOT '.repeat(n)}true`,
  minus: (n) => `SELECT ${'- '.repeat(n)}a`,
  operators: (n) => `SELECT ${'@ '.repeat(n)}a`,
  case: (n) => `SELECT ${'CASE WHEN true THEN '.repeat(n)}1${' END'.repeat(n)}`,
  'case over and': (n) => `SELECT ${'CASE WHEN a AND '.repeat(n)}b${' THEN 1 END'.repeat(n)}`,
  'sub-selects': (n) => `SELECT ${'(SELECT '.repeat(n)}1${')'.repeat(n)}`,
  'sub-selects in FROM': (n) => `SELECT * FROM ${'(SELECT * FROM '.repeat(n)}t${')'.repeat(n)}`,
  unions: (n) => `SELECT 1${' UNION SELECT 1'.repeat(n)}`,
  'nested unions': (n) => `SELECT 1${' UNION (SELECT 1'.repeat(n)}${')'.repeat(n)}`,
  arrays: (n) => `SELECT ARRAY${'['.repeat(n)}1${']'.repeat(n)}`,
  casts: (n) => `SELECT 1${'::int'.repeat(n)}`,
  functions: (n) => `SELECT ${'f('.repeat(n)}1${')'.repeat(n)}`,
  'and over or': (n) => `SELECT 1${' AND (b OR a'.repeat(n)}${')'.repeat(n)}`,
  concatenation: (n) => `SELECT a${"||'x'".repeat(n)}`,
  joins: (n) => `SELECT * FROM a${' JOIN b ON true'.repeat(n)}`,
  with: (n) => `${'WITH a AS ('.repeat(n)}SELECT 1${') SELECT 1'.repeat(n)}`,
  bodies: (n) =>
    `${'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; '.repeat(n)}SELECT 1;${'END; '.repeat(n)}`,
  quantified: (n) => `SELECT a${' < ALL (SELECT a'.repeat(n)}${')'.repeat(n)}`,
  collations: (n) => `SELECT a${' COLLATE x'.repeat(n)}`,
  tests: (n) => `SELECT a${' IS NULL'.repeat(n)}`,
  zones: (n) => `SELECT a${' AT TIME ZONE b'.repeat(n)}`,
  'json tables': (n) =>
    `SELECT * FROM json_table(a, '$' COLUMNS (${"NESTED PATH '$' COLUMNS (".repeat(n)}x int${')'.repeat(n)}))`,
};

describe('parser box', () => {
  it.each(Object.entries(shapes))('survives %s at any depth', (_name, shape) => {
    const before = parserReplacements();
    for (const n of [50, 200, 330, 500, 1000, 2000, 4000, 16_000, 60_000]) {
      const text = shape(n);
      const result = parseSql(text, 10_000_000);
      if (n <= 50) expect(result.kind).toBe('parsed');
      if (n >= 16_000) expect(result.kind).toBe('refused');
    }
    expect(parserReplacements()).toBe(before);
    expect(parseSql('SELECT 1', bytesMax)).toMatchObject({ kind: 'parsed' });
  });

  it('parses bulk inserts up to the byte limit', () => {
    const row = "(1, 'a text of some length', now(), ARRAY[1, 2, 3])";
    const text = `INSERT INTO t VALUES ${Array(Math.floor(bytesMax / (row.length + 1)) - 2)
      .fill(row)
      .join()}`;
    expect(text.length).toBeGreaterThan(bytesMax * 0.95);
    expect(parseSql(text, bytesMax).kind).toBe('parsed');
  });

  it('parses a conjunction of 5,000 conditions', () => {
    const text = `SELECT 1 FROM t WHERE ${Array(5000).fill('(a = 1 OR b = 2)').join(' AND ')}`;
    expect(parseSql(text, bytesMax).kind).toBe('parsed');
  });

  it.each([
    ['a NUL', 'SELECT 1;\0 DROP TABLE users', 'statement-unparsable'],
    ['a lone surrogate', "SELECT '\ud800'", 'statement-unparsable'],
    ['a syntax error', 'SELEC 1', 'statement-unparsable'],
    ['an open string', "SELECT 'a", 'statement-unparsable'],
    ['too many bytes', `SELECT '${'é'.repeat(bytesMax / 2)}'`, 'statement-too-large'],
    ['too deep a tree', shapes['plus']!(2000), 'statement-too-large'],
  ])('refuses %s', (_name, text, code) => {
    expect(parseSql(text, bytesMax)).toMatchObject({ kind: 'refused', code });
  });

  it.each([
    ['SELEC 1', 1, 'syntax error at or near "SELEC"'],
    ["SELECT '漢字🚪ü', FROM t", 16, 'syntax error at or near "FROM"'],
    ['SELECT 1;\nSELECT (1', 20, 'syntax error at end of input'],
  ])('says where %s stops, in characters', (text, position, message) => {
    expect(parseSql(text, bytesMax)).toMatchObject({ message, position });
  });

  it('reports byte offsets of statements', () => {
    const result = parseSql("SELECT 'é'; SELECT 2", bytesMax);
    expect(result).toMatchObject({ statements: [{ stmt_len: 11 }, { stmt_location: 13 }] });
  });

  it('parses nothing into no statement', () => {
    expect(parseSql(' -- nothing', bytesMax)).toEqual({ kind: 'parsed', statements: [] });
  });

  it('stays right after 200 syntax errors', () => {
    for (let i = 0; i < 200; i += 1) parseSql(`SELECT ${'(1 + '.repeat(i)}`, bytesMax);
    expect(parseSql('SELECT 1', bytesMax)).toMatchObject({ kind: 'parsed' });
  });

  it('replaces a parser that overflowed, as often as it happens', async () => {
    const before = parserReplacements();
    for (let i = 0; i < 40; i += 1) {
      expect(parseUnboundedForTest(shapes['plus']!(30_000))).toMatchObject({ kind: 'refused' });
      for (let turn = 0; parseSql('SELECT 1', bytesMax).kind !== 'parsed'; turn += 1) {
        expect(turn).toBeLessThan(1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    expect(parserReplacements()).toBe(before + 40);
  });
});
