// Statements after which the server would read text otherwise than the parser, or be someone else.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { analyse, decodeSql, provenSafe } from '../../../../hosts/postgres/sql/index.ts';
import { safe, shop } from './shop-catalog.ts';

const outcome = (text: string): string => {
  const result = analyse(text, shop, safe);
  return result.kind === 'refused' ? result.code : 'analysed';
};

describe('settings of the lexer', () => {
  it.each([
    'SET standard_conforming_strings = off',
    'SET LOCAL standard_conforming_strings TO false',
    'SET "Standard_Conforming_Strings" = 0',
    "SET client_encoding = 'SJIS'",
    "SET client_encoding TO 'LATIN1'",
    "SET NAMES 'GBK'",
    "SET client_encoding = 'UTF8', 'SJIS'",
    'BEGIN; SET standard_conforming_strings = off',
    "SELECT set_config('standard_conforming_strings', 'off', false)",
    "SELECT pg_catalog.set_config('client_encoding', 'BIG5', false)",
    "SELECT set_config('CLIENT_ENCODING'::text, 'BIG5', false)",
    "SELECT set_config('client_encoding', $1, false)",
    'SELECT set_config($1, $2, false)',
    "SELECT set_config('client_' || 'encoding', 'BIG5', false)",
    "SELECT set_config(note, 'off', false) FROM orders",
    "SELECT set_config(name, 'off', false) FROM pg_settings",
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'standard_conforming_strings'",
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name <> 'work_mem'",
    "SELECT set_config(name, 'off', false) FROM pg_settings WHERE name = 'work_mem' OR true",
    "SELECT set_config(name, 'off', false), set_config(name, 'x', true) FROM pg_settings WHERE name = 'work_mem'",
    "SELECT set_config(name, 'off', false) FROM pg_settings, users WHERE name = 'work_mem'",
    "SELECT (SELECT set_config(s.name, 'off', false)) FROM pg_settings s WHERE name = 'work_mem'",
    "SELECT set_config(value => 'off', setting_name => 'standard_conforming_strings', is_local => false)",
    "SELECT set_config(name, set_config('client_' || 'encoding', 'SJIS', false), false) FROM pg_settings WHERE name = 'work_mem'",
    "SELECT * FROM set_config('standard_conforming_strings', 'off', false)",
    "SELECT 1 WHERE EXISTS (SELECT 1 ORDER BY set_config('client_encoding', 'SJIS', true))",
    'ALTER ROLE bob SET standard_conforming_strings = off',
    "ALTER ROLE ALL IN DATABASE shop SET client_encoding = 'SJIS'",
    'ALTER DATABASE shop SET standard_conforming_strings TO off',
    'ALTER SYSTEM SET standard_conforming_strings = off',
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET client_encoding = 'SJIS' AS 'SELECT 1'",
  ])('refuses %s', (text) => {
    expect(outcome(text)).toBe('statement-ambiguous');
  });

  it.each([
    'SET ROLE postgres',
    "SET LOCAL ROLE 'postgres'",
    'SET ROLE NONE',
    'RESET ROLE',
    'SET role TO DEFAULT',
    'SET SESSION AUTHORIZATION bob',
    'RESET SESSION AUTHORIZATION',
    "SELECT set_config('role', 'postgres', false)",
    "SELECT set_config('ROLE', $1, false)",
    "SELECT set_config('session_authorization', 'postgres', true)",
    "PREPARE x AS SELECT set_config('role', 'postgres', false)",
    "DECLARE c CURSOR FOR SELECT set_config('role', 'postgres', false)",
    "EXECUTE x(set_config('role', 'postgres', false))",
    "COPY users TO '/tmp/x'",
    "COPY users FROM '/etc/passwd'",
    "COPY users TO PROGRAM 'sh'",
    "COPY (SELECT 1) TO PROGRAM 'sh'",
  ])('does not support %s', (text) => {
    expect(outcome(text)).toBe('statement-unsupported');
  });

  it.each([
    'SET standard_conforming_strings = on',
    'SET standard_conforming_strings TO true',
    'SET standard_conforming_strings = 1',
    "SET client_encoding = 'UTF8'",
    "SET client_encoding TO 'utf-8'",
    "SET NAMES 'UNICODE'",
    'SET NAMES DEFAULT',
    'RESET client_encoding',
    'RESET ALL',
    'DISCARD ALL',
    'SET search_path = crm, public',
    "SET TIME ZONE 'UTC'",
    "SET application_name = 'x'",
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    "SELECT set_config('search_path', '', false)",
    "SELECT pg_catalog.set_config('search_path', $1, false)",
    "SELECT set_config('client_encoding', 'UTF8', false)",
    "SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'",
    'ALTER ROLE bob SET search_path = crm',
    'ALTER ROLE bob RESET ALL',
    'SHOW client_encoding',
  ])('lets %s pass', (text) => {
    expect(outcome(text)).toBe('analysed');
  });

  it.each([
    ['on', 'UTF8', true],
    ['on', 'utf-8', true],
    ['off', 'UTF8', false],
    ['on', 'SQL_ASCII', false],
    ['on', 'LATIN1', false],
    [undefined, 'UTF8', false],
    ['on', undefined, false],
  ])(
    'strings %s and encoding %s are proven: %s',
    (standardConformingStrings, clientEncoding, proven) => {
      const settings = { standardConformingStrings, clientEncoding };
      expect(provenSafe(settings)).toBe(proven);
      const options = { ...safe, settings };
      expect(analyse("SELECT 'plain'", shop, options).kind).toBe('analysed');
      for (const text of ["SELECT '\\'", "SELECT 'é'", 'SELECT 1 -- 語', "SELECT E'\\n'"]) {
        expect(analyse(text, shop, options)).toMatchObject(
          proven ? { kind: 'analysed' } : { kind: 'refused', code: 'statement-ambiguous' },
        );
      }
    },
  );
});

describe('bytes of a statement', () => {
  it.each([
    ['plain', [0x53, 0x31], 'S1'],
    ['two bytes', [0xc3, 0xa9], 'é'],
    ['a NUL', [0x53, 0x00, 0x31], null],
    ['an overlong slash', [0xc0, 0xaf], null],
    ['a cut sequence', [0xc3], null],
    ['a surrogate', [0xed, 0xa0, 0x80], null],
    ['SJIS with a backslash inside', [0x95, 0x5c, 0x27], null],
    ['nothing', [], ''],
  ])('%s', (_name, bytes, text) => {
    expect(decodeSql(Uint8Array.from(bytes))).toBe(text);
  });
});

describe('any text', () => {
  const fragments = fc.constantFrom(
    ...'SELECT FROM users u . * , ( ) [ ] WHERE = AND email JOIN USING WITH AS INSERT INTO VALUES RETURNING UPDATE SET DELETE UNION ALL ORDER BY 1 GROUP DISTINCT LIMIT CASE WHEN THEN END :: text COPY TO STDOUT EXPLAIN CREATE VIEW TABLE LATERAL ROW ARRAY NULL $1 ; old excluded'.split(
      ' ',
    ),
    "'x'",
    "E'\\'",
    '$$',
    '--',
    '/*',
    '"',
    'é',
  );

  it('is analysed or refused, never thrown on', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 80 }),
          fc.array(fragments, { maxLength: 25 }).map((words) => words.join(' ')),
        ),
        (text) => {
          expect(['analysed', 'refused']).toContain(analyse(text, shop, safe).kind);
        },
      ),
      { numRuns: 3000, seed: 18 },
    );
  });
});
