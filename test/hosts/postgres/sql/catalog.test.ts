// The catalog as a value: built from rows, closed over views, families and generated columns.

import { describe, expect, it } from '@jest/globals';

import {
  buildCatalog,
  catalogFromJson,
  catalogQueries,
  emptyCatalog,
} from '../../../../hosts/postgres/sql/index.ts';
import { shop, shopRows } from './shop-catalog.ts';

const named = (name: string) => shop.byQualified.get(name)![0]!;

describe('catalog', () => {
  it('finds relations by id, by name in any schema, and by qualified name', () => {
    expect(shop.relations.get(100)).toMatchObject({ qualified: 'public.users', kind: 'r' });
    expect(shop.byName.get('notes')!.map((relation) => relation.qualified)).toEqual([
      'public.notes',
      'crm.notes',
    ]);
    expect(shop.byQualified.get('crm.notes')).toHaveLength(1);
    expect(named('public.users').columnsByName.get('email')).toEqual({
      attnum: 3,
      name: 'email',
      typeOid: 25,
      isGenerated: false,
    });
  });

  it('calls the temporary schemas of all sessions pg_temp', () => {
    expect(named('pg_temp.scratch').schema).toBe('pg_temp');
  });

  it('follows views through views', () => {
    expect([...named('public.vv_users').reaches].sort()).toEqual([100, 105]);
    expect(named('public.v_call').callsFunctions).toBe(true);
    expect(named('public.users').reaches.size).toBe(0);
  });

  it('survives views in a circle', () => {
    const rows = shopRows.map((set, at) =>
      at === 3
        ? [
            ['105', '106'],
            ['106', '105'],
          ]
        : set,
    );
    const view = buildCatalog(rows).relations.get(105)!;
    expect([...view.reaches].sort()).toEqual([105, 106]);
  });

  it('joins families in both directions', () => {
    expect([...named('public.events').family].sort()).toEqual([109, 110]);
    expect([...named('public.users').family].sort()).toEqual([100, 111]);
    expect(named('public.orders').family).toEqual([101]);
  });

  it('knows what generated columns are computed from', () => {
    expect([...named('public.users').generated]).toEqual([['email_lower', ['email']]]);
  });

  it('is restored from a snapshot', () => {
    const restored = catalogFromJson(JSON.parse(JSON.stringify(shopRows)));
    expect(restored).toEqual(shop);
  });

  it.each([
    ['no array', {}],
    ['too few row sets', []],
    ['a row that is no array', [...shopRows.slice(1), ['x']]],
    ['a cell that is no text', [...shopRows.slice(1), [[1]]]],
  ])('refuses a snapshot of %s', (_name, json) => {
    expect(() => catalogFromJson(json)).toThrow(/catalog/);
  });

  it('is empty when nothing is known', () => {
    expect(emptyCatalog.relations.size).toBe(0);
  });
});

describe('catalog queries', () => {
  it('name every object of the system by its schema', () => {
    for (const query of catalogQueries) {
      expect(query).not.toMatch(/(FROM|JOIN)\s+pg_(?!catalog\.)/);
      expect(query).not.toMatch(/\s(=|<>|~|!~|>|<|>=)\s/);
      expect(query).not.toMatch(/::(?!pg_catalog\.|text\b)/);
    }
  });
});
