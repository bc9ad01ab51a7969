import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Analysed, Refused } from '../../../../hosts/postgres/sql/index.ts';
import { analyse, analyseAgain } from '../../../../hosts/postgres/sql/index.ts';
import { safe, shop } from './shop-catalog.ts';

const text = 'SELECT email FROM users WHERE id = $1';

describe('a text that comes again', () => {
  it('is answered as at first, and its facts are frozen', () => {
    const first = analyseAgain(text, shop, safe);
    expect(first).toEqual(analyse(text, shop, safe));
    const second = analyseAgain(text, shop, safe);
    expect(second).toBe(first);
    if (second.kind === 'refused') throw new Error(second.message);
    expect(second.statements[0]?.judged.every((facts) => Object.isFrozen(facts))).toBe(true);
  });

  it('is analysed anew for another catalog', () => {
    const other = { ...shop };
    expect(analyseAgain(text, other, safe)).not.toBe(analyseAgain(text, shop, safe));
  });

  it('is not known under settings that do not prove how it is read', () => {
    const odd = `SELECT '\\' FROM users`;
    expect(analyseAgain(odd, shop, safe).kind).toBe('analysed');
    const settings = { standardConformingStrings: 'off', clientEncoding: 'UTF8' };
    expect(analyseAgain(odd, shop, { ...safe, settings })).toMatchObject({
      kind: 'refused',
      code: 'statement-ambiguous',
    });
    expect(analyseAgain(odd, shop, safe).kind).toBe('analysed');
  });

  it('is forgotten when too many others came', () => {
    const first = analyseAgain('SELECT 1', shop, safe);
    for (let number = 0; number < 1001; number += 1)
      analyseAgain(`SELECT 1 AS c${number}`, shop, safe);
    expect(analyseAgain('SELECT 1', shop, safe)).not.toBe(first);
  });
});

describe('a text that differs in literals only', () => {
  const analysed = (sql: string) => {
    const result = analyseAgain(sql, shop, safe);
    if (result.kind === 'refused') throw new Error(result.message);
    const [statement] = result.statements;
    if (statement === undefined) throw new Error('no statement');
    return statement;
  };

  it('shares the facts, and keeps its own text', () => {
    const first = analysed('SELECT email FROM users WHERE id = 1');
    const second = analysed('SELECT email FROM users WHERE id = 2');
    expect(second.facts).toBe(first.facts);
    expect(second.text).toBe('SELECT email FROM users WHERE id = 2');
  });

  it('is something else where a literal that matters differs', () => {
    expect(analysed('SELECT id FROM users WHERE id = 3 LIMIT 4').facts.limit).toBe(4);
    expect(analysed('SELECT id FROM users WHERE id = 4 LIMIT 5').facts.limit).toBe(5);
    expect(analysed('SELECT id FROM users WHERE id = 5 LIMIT 4').facts.limit).toBe(4);
    expect(analysed('SELECT id FROM users LIMIT - ( 4 )').facts.limit).toBe(-4);
    expect(analysed('SELECT id FROM users LIMIT - ( 5 )').facts.limit).toBe(-5);
    expect(analysed('SELECT id, email FROM users ORDER BY 1').uses.inferred).toEqual(
      new Set(['public.users.id']),
    );
    expect(analysed('SELECT id, email FROM users ORDER BY 2').uses.inferred).toEqual(
      new Set(['public.users.email']),
    );
    const set = (name: string) => `SELECT set_config('${name}', 'x', false)`;
    expect(analyseAgain(set('a.b'), shop, safe).kind).toBe('analysed');
    expect(analyseAgain(set('role'), shop, safe).kind).toBe('refused');
    const dumped = (name: string) =>
      `SELECT set_config(name, 'x', false) FROM pg_settings WHERE name = '${name}'`;
    expect(analyseAgain(dumped('a.b'), shop, safe).kind).toBe('analysed');
    expect(analyseAgain(dumped('client_encoding'), shop, safe).kind).toBe('refused');
  });

  it.each([
    ['SELECT id FROM users LIMIT 100e-2', 'SELECT id FROM users LIMIT 100e-0'],
    ['SELECT id FROM users LIMIT 1.0e+0', 'SELECT id FROM users LIMIT 1.0e+3'],
    [`SELECT set_config('ro'\n'xx', 'x', false)`, `SELECT set_config('ro'\n'le', 'x', false)`],
    [
      `SELECT set_config('ro' -- \n /* */ 'xx', 'x', true)`,
      `SELECT set_config('ro' -- \n /* */ 'le', 'x', true)`,
    ],
  ])('%j is not taken for %j, whose literals are parts of constants', (first, second) => {
    analyseAgain(first, shop, safe);
    expect(withoutPlaces(analyseAgain(second, shop, safe))).toEqual(
      withoutPlaces(analyse(second, shop, safe)),
    );
  });

  it('is never answered otherwise than anew', () => {
    const literal = fc.oneof(
      fc.nat({ max: 4 }).map(String),
      fc.constantFrom(
        `'a'`,
        `'role'`,
        `''`,
        '-1',
        '(2)',
        '- (1)',
        'NULL',
        '1::text',
        '1.5',
        '12345678901',
        '1e-0',
        '1e+1',
        '100.0e-2',
        '- (1e-0)',
        `'ro'\n'le'`,
        `'ro' -- x\n 'xx'`,
        `E'ro'\n'le'`,
        `N'role'`,
        `$$role$$`,
        '1.',
        '.5',
        `date '2020-01-01'`,
      ),
    );
    const template = fc.constantFrom(
      'SELECT id, email FROM users WHERE id = # ORDER BY # LIMIT #',
      'SELECT email, name FROM users GROUP BY #, # HAVING count(*) > #',
      'SELECT # FROM users UNION SELECT id FROM users ORDER BY # OFFSET #',
      'SELECT set_config(#, #, false), email = # FROM users',
      `SELECT set_config(name, 'x', #) FROM pg_settings WHERE name = #`,
      'UPDATE users SET email = #, name = # WHERE id = #',
      'INSERT INTO users (id, email) VALUES (#, #), (#, email)',
      'DELETE FROM users WHERE id IN (#, #) AND name LIKE #',
      'SELECT DISTINCT ON (#) email, id FROM users FETCH FIRST # ROWS ONLY',
      'SELECT a::float(#), b::varchar(#), email || # FROM users',
      'WITH x AS (SELECT email FROM users LIMIT #) SELECT * FROM x LIMIT #',
    );
    fc.assert(
      fc.property(template, fc.array(literal, { minLength: 3, maxLength: 3 }), (sql, values) => {
        let next = 0;
        const made = sql.replace(/#/g, () => values[next++ % values.length] ?? '');
        expect(withoutPlaces(analyseAgain(made, shop, safe))).toEqual(
          withoutPlaces(analyse(made, shop, safe)),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a statement of the attack table with other digits and strings', () => {
  const places = ['everyday', 'masked-lineage', 'masked-reads', 'oracles'];
  const files = places.map((name) => join('test/adversarial/postgres', `${name}.sql`));
  const statements = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^\s*\w/.test(line)),
  );

  /** Wherever they stand, in comments and names too. */
  const changed = (sql: string, digit: string, word: string): string =>
    sql.replace(/\d+/g, digit).replace(/'\w+'/g, `'${word}'`);

  it.each([
    ['1', 'role'],
    ['2', 'a'],
    ['0', 'email'],
  ])('is never answered otherwise than anew: %s, %s', (digit, word) => {
    for (const statement of statements) {
      analyseAgain(statement, shop, safe);
      const other = changed(statement, digit, word);
      const again = withoutPlaces(analyseAgain(other, shop, safe));
      expect({ other, again }).toEqual({ other, again: withoutPlaces(analyse(other, shop, safe)) });
    }
    expect(statements.length).toBeGreaterThan(200);
  });
});

/** Where its constants stand differs with the lengths of literals before them. */
function withoutPlaces(result: Analysed | Refused): unknown {
  if (result.kind === 'refused') return result;
  return result.statements.map((statement) => ({ ...statement, consulted: undefined }));
}
