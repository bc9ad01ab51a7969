import { describe, expect, it } from '@jest/globals';

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
      analyseAgain(`SELECT ${number}, 2`, shop, safe);
    expect(analyseAgain('SELECT 1', shop, safe)).not.toBe(first);
  });
});
