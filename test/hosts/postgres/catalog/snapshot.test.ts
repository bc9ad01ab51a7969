// The snapshot for offline use: what is read from it is the catalog that was saved, whatever comes in between.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { temporaryDirectory } from '#lab';
import type { TemporaryDirectory } from '#lab';

import { CatalogSnapshot } from '../../../../hosts/postgres/catalog/snapshot.ts';
import type { CatalogFacts } from '../../../../hosts/postgres/sql/index.ts';
import {
  catalogFromJson,
  catalogOf,
  FactsReader,
  rowSets,
} from '../../../../hosts/postgres/sql/index.ts';
import { shop, shopRows } from '../sql/shop-catalog.ts';

const factsOf = (rows: typeof shopRows): CatalogFacts => {
  const reader = new FactsReader();
  rowSets.forEach((set, at) => rows[at]?.forEach((row) => reader.add(set, row)));
  return reader.facts;
};

let directory: TemporaryDirectory;
let file: string;
let errors: unknown[];
let snapshot: CatalogSnapshot;

beforeEach(async () => {
  directory = await temporaryDirectory('sallyport-snapshot-');
  file = join(directory.path, 'catalogs', 'shop.json');
  errors = [];
  snapshot = new CatalogSnapshot({ file, onError: (error) => errors.push(error) });
});
afterEach(() => directory.remove());

const restored = () => catalogFromJson(JSON.parse(readFileSync(file, 'utf8')));

describe('catalog snapshot', () => {
  it('restores the catalog, for its owner only', async () => {
    await snapshot.save(factsOf(shopRows));
    expect(restored()).toEqual(shop);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(errors).toEqual([]);
  });

  it('restores one of more rows than are written at once', async () => {
    const tables = Array.from({ length: 2500 }, (_, at) => [
      ...[String(20_000 + at), 'public', `t"${at}`, 'r', 'f'],
    ]);
    const facts = factsOf([tables, ...shopRows.slice(1)]);
    await snapshot.save(facts);
    expect(restored()).toEqual(catalogOf(facts));
  });

  it('does not write again at once', async () => {
    await snapshot.save(factsOf(shopRows));
    await snapshot.save(factsOf([]));
    expect(restored()).toEqual(shop);
  });

  it('says what failed, and lets the catalog be used', async () => {
    const lost = new CatalogSnapshot({
      file: '/dev/null/shop.json',
      onError: (error) => errors.push(error),
    });
    await lost.save(factsOf(shopRows));
    expect(errors).toHaveLength(1);
  });
});
