// The thread for large texts must answer as `analyse` does, and refuse what it fails on.

import { describe, expect, it } from '@jest/globals';

import type { Catalog } from '../../../../hosts/postgres/sql/index.ts';
import { AnalysisThread, analyse } from '../../../../hosts/postgres/sql/index.ts';
import { safe, shop } from './shop-catalog.ts';

const many = (text: string, count: number): string => Array(count).fill(text).join(', ');

const texts = [
  `INSERT INTO users (id, email) VALUES ${many(`(1, 'a@example.com')`, 2000)}`,
  `SELECT ${many('email', 500)} FROM users u WHERE id IN (${many('7', 5000)}) LIMIT 3`,
  `SELECT 1 FROM missing WHERE id IN (${many('7', 5000)})`,
  'COPY users (id, email) TO STDOUT',
  'SELECT',
  `SELECT set_config('role', 'x', false)`,
  `SELECT ${'('.repeat(9000)}`,
  '',
];

describe('the thread for large texts', () => {
  const thread = new AnalysisThread();

  it.each(texts)('answers as this one does, text %#', async (text) => {
    expect(await thread.analyse(text, shop, safe)).toEqual(analyse(text, shop, safe));
  });

  it('answers each of many at once by its own catalog', async () => {
    const catalogs = Array.from({ length: 20 }, (_, index) => ({
      ...shop,
      userTypes: new Set([`type${index}`]),
    }));
    const text = 'SELECT email FROM users';
    const answers = await Promise.all(
      [...catalogs, ...catalogs].map((catalog) => thread.analyse(text, catalog, safe)),
    );
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['analysed']));
  });

  it('refuses what it fails on, and goes on', async () => {
    const broken = { ...shop, byName: 7 } as unknown as Catalog;
    const [failed, beside] = await Promise.all([
      thread.analyse('SELECT email FROM users', broken, safe),
      thread.analyse('SELECT 1', shop, safe),
    ]);
    expect(failed).toMatchObject({ kind: 'refused', code: 'statement-unparsable' });
    expect(beside).toMatchObject({ kind: 'refused', code: 'statement-unparsable' });
    expect(await thread.analyse('SELECT 1', shop, safe)).toEqual(analyse('SELECT 1', shop, safe));
  });
});
