import { describe, expect, it } from '@jest/globals';

import { maskInto } from '#engine/masking';

import type { ResultPlan } from '../../../../hosts/postgres/session/result-masks.ts';
import { planResult, rowMasker } from '../../../../hosts/postgres/session/result-masks.ts';
import type { ResultMasks } from '../../../../hosts/postgres/sql/index.ts';
import type { Field } from '../../../../hosts/postgres/wire/index.ts';
import { columnTable, decodeDataRow } from '../../../../hosts/postgres/wire/index.ts';
import { shop as shopCatalog } from '../sql/shop-catalog.ts';

const users = shopCatalog.byQualified.get('public.users')![0]!;
const email = users.columnsByName.get('email')!.attnum;
const text = 25;

const field = (tableOid: number, columnNumber: number, typeOid = text): Field => ({
  ...{ name: 'f', nameBytes: Buffer.from('f'), tableOid, columnNumber, typeOid },
  ...{ typeSize: -1, typeModifier: -1, format: 0 },
});

const masks: ResultMasks = {
  columns: undefined,
  origins: new Map([[users.oid, new Map([[email, 'fixed']])]]),
  relations: new Set([users.oid]),
  copy: undefined,
  isComputed: false,
};

const plan = (...fields: readonly Field[]): ResultPlan => planResult(fields, masks, shopCatalog);

describe('the plan of a result', () => {
  it('masks by origin, whatever the columns are called', () => {
    expect(plan(field(users.oid, 1), field(users.oid, email))).toEqual({
      kind: 'masked',
      columns: [{ column: 1, strategy: 'fixed' }],
    });
  });

  it.each([
    ['an integer in text', 23, 0, Buffer.from('0')],
    ['an integer in binary', 23, 1, Buffer.alloc(4)],
    ['a uuid in binary', 2950, 1, Buffer.alloc(16)],
    ['jsonb in binary', 3802, 1, Buffer.from('\u0001null')],
    ['an array of bigint in text', 1016, 0, Buffer.from('{}')],
    ['an array of bigint in binary', 1016, 1, Buffer.from('000000000000000000000014', 'hex')],
    ['a type without a fixed value', 600, 0, null],
  ])('puts the fixed value of its type in place of %s', (_name, type, format, constant) => {
    expect(plan({ ...field(users.oid, email, type), format })).toEqual({
      kind: 'masked',
      columns: [{ column: 0, constant }],
    });
  });

  it('takes the text for it where a column has no origin, and for what it holds', () => {
    const sources = new Map([['public.users.email', 'plain' as const]]);
    const column = { strategy: 'null', sources, name: 'email', type: text } as const;
    const byText = { ...masks, columns: [column] };
    expect(planResult([field(0, 0)], byText, shopCatalog)).toEqual({
      kind: 'masked',
      columns: [{ column: 0, constant: null }],
    });
    expect(planResult([field(users.oid, email)], byText, shopCatalog).kind).toBe('masked');
  });

  it.each([
    ['more columns than its text', [field(users.oid, email), field(0, 0)]],
    ['another column than its text names', [field(users.oid, 1)]],
  ])('is a contradiction for %s', (_name, fields) => {
    const sources = new Map([['public.users.email', 'origin' as const]]);
    const columns = [{ strategy: 'fixed', sources, name: 'email', type: text }] as const;
    expect(planResult(fields, { ...masks, columns }, shopCatalog).kind).toBe('contradiction');
  });

  it('is clear where no column is masked', () => {
    expect(plan(field(users.oid, 1), field(0, 0)).kind).toBe('clear');
    expect(plan().kind).toBe('clear');
  });

  it.each([
    ['a table that the catalog lacks', field(999_999, 1)],
    [
      'a table that the statement does not name',
      field(shopCatalog.byQualified.get('public.orders')![0]!.oid, 1),
    ],
    ['a column that the catalog lacks', field(users.oid, 99)],
    ['whole rows of a masked table', field(users.oid, 0)],
  ])('is a contradiction for %s', (_name, contradicting) => {
    expect(plan(field(users.oid, 1), contradicting).kind).toBe('contradiction');
  });
});

/** DataRow (B) 'D'. */
function encodeDataRow(values: readonly (Buffer | null)[]): Buffer {
  const parts = values.flatMap((value) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return value === null ? [length] : [length, value];
  });
  const body = Buffer.concat(parts);
  const head = Buffer.alloc(7);
  head.writeUInt8(0x44, 0);
  head.writeInt32BE(6 + body.length, 1);
  head.writeUInt16BE(values.length, 5);
  return Buffer.concat([head, body]);
}

describe('the rows of a result', () => {
  const key = Buffer.alloc(32);
  const engine: Parameters<typeof rowMasker>[0] = {
    maskInto: (value, strategy, sink) => maskInto(value, strategy, key, sink),
  };

  function valuesOf(frame: Buffer): readonly (string | null)[] {
    const table = columnTable();
    const columns = decodeDataRow({ buffer: frame, start: 0, end: frame.length }, table);
    return Array.from({ length: columns }, (_, column) => {
      const length = table[2 * column + 1]!;
      const offset = table[2 * column]!;
      return length < 0 ? null : frame.toString('utf8', offset, offset + length);
    });
  }

  const masked = (values: readonly (Buffer | null)[]): readonly (string | null)[] => {
    const row = encodeDataRow(values);
    const masker = rowMasker(engine, [
      { column: 0, strategy: 'fixed' },
      { column: 2, constant: null },
    ]);
    masker.rewrite({ buffer: row, start: 0, end: row.length });
    return valuesOf(masker.take());
  };

  it('have their masked values replaced and nothing else', () => {
    expect(masked([Buffer.from('secret'), Buffer.from('open'), Buffer.from('1')])).toEqual([
      '***',
      'open',
      null,
    ]);
  });

  it('keep NULL as NULL', () => {
    expect(masked([null, null, null])).toEqual([null, null, null]);
  });

  it('end the session when they are narrower than described', () => {
    expect(() => masked([Buffer.from('secret')])).toThrow();
  });
});
