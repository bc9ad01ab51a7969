// Reads the catalog of a target database: all of it once, then what changed. Each reading is one snapshot of the target
// (REPEATABLE READ), and so is what the next one is compared with.

import type { CatalogFacts, CatalogRows, RowSet } from '../sql/index.ts';
import { catalogQuery, changeFacts, FactsReader, rowSets } from '../sql/index.ts';
import type { CatalogMoment } from './changes.ts';
import { CatalogDifference, catalogMoment, changesQueries, relationsQuery } from './changes.ts';
import type { CatalogAsker } from './connection.ts';
import { rolePrivilegesQuery } from './role-privileges.ts';
import { catalogVersionQuery } from './version.ts';

const begin = 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY';
/** Where more objects changed, reading all costs less. */
const objectsMax = 1000;

const ofRelations: readonly RowSet[] = ['relations', 'columns', 'rules', 'callers', 'generated'];

/** What was read, as of when. */
interface Reading {
  readonly facts: CatalogFacts;
  readonly moment: CatalogMoment;
  /** Moments are compared on one connection only: behind another may be another server, or another past. */
  readonly connection: object;
  /** What is compared over connections; `undefined` where it was not asked for. */
  readonly version: string | undefined;
}

export interface ReadOptions {
  /** Whether to go on, by what `rolePrivilegesQuery` found. */
  readonly accepts: (privileges: CatalogRows[number]) => boolean;
  /** A change is known that the version may not show: temporary tables are left out of it. */
  readonly mustRead: boolean;
  /** This connection is not used again: leave what can be compared on the next. */
  readonly isLast: boolean;
}

export class CatalogReader {
  #last: Reading | undefined;

  /**
   * One conversation: the facts as the target has them now, the same object as before where they are the same;
   * `undefined` where the privileges were not accepted.
   */
  async read(asker: CatalogAsker, options: ReadOptions): Promise<CatalogFacts | undefined> {
    const last = this.#last;
    const { connection } = asker;
    const since = last?.connection === connection ? last.moment.xmin : undefined;
    const queries = [begin, rolePrivilegesQuery, ...changesQueries(since)];
    const [, privileges = [], ...answers] = await asker.ask(queries);
    if (!options.accepts(privileges)) {
      await asker.ask(['COMMIT']);
      return undefined;
    }
    const moment = catalogMoment(answers);
    const isSame = since !== undefined && last?.moment.origin === moment.origin;
    const facts = isSame
      ? await readChanges(asker, last.facts, new CatalogDifference(last.moment, moment))
      : await readElsewhere(asker, options.mustRead ? undefined : last);
    const version = options.isLast ? await readVersion(asker) : undefined;
    await asker.ask(['COMMIT']);
    this.#last = { facts, moment, connection, version };
    return facts;
  }
}

async function readVersion(asker: CatalogAsker): Promise<string> {
  const [[row] = []] = await asker.ask([catalogVersionQuery]);
  return row?.[0] ?? '';
}

/** On a connection where nothing was read before. */
async function readElsewhere(
  asker: CatalogAsker,
  last: Reading | undefined,
): Promise<CatalogFacts> {
  if (last?.version === undefined || last.version !== (await readVersion(asker))) {
    return readAll(asker);
  }
  // The version leaves temporary tables out, but from here on only the new ones of them are looked for.
  const present = await presentRelations(asker);
  const { relations } = last.facts;
  const isSame = present.size === relations.size && [...present].every((oid) => relations.has(oid));
  return isSame ? last.facts : readAll(asker);
}

async function readAll(asker: CatalogAsker): Promise<CatalogFacts> {
  const reader = new FactsReader();
  await readSets(asker, reader, { sets: rowSets });
  return reader.facts;
}

interface SetsToRead {
  readonly sets: readonly RowSet[];
  /** Objects whose rows are asked for; all without. */
  readonly only?: ReadonlySet<number>;
}

async function readSets(
  asker: CatalogAsker,
  reader: FactsReader,
  { sets, only }: SetsToRead,
): Promise<void> {
  const queries = sets.map((set) => catalogQuery(set, only));
  await asker.each(queries, (query, row) => {
    const set = sets[query];
    if (set !== undefined) reader.add(set, row);
  });
}

async function readChanges(
  asker: CatalogAsker,
  before: CatalogFacts,
  difference: CatalogDifference,
): Promise<CatalogFacts> {
  if (difference.isNone) return before;
  // A schema with another name is in the name of each of its relations, and of all that names them.
  if (difference.mayReplace('namespaces')) return readAll(asker);
  const relations = await changedRelations(asker, before, difference);
  const objects = new Set(relations);
  for (const source of ['functions', 'operators', 'types'] as const) {
    for (const oid of difference.objects(source)) objects.add(oid);
  }
  if (objects.size > objectsMax) return readAll(asker);
  const inherits = difference.touched('inherits');
  const names = (['functions', 'operators', 'types', 'casts'] as const).some((source) =>
    difference.touched(source),
  );
  const read = new FactsReader();
  await readSets(asker, read, { sets: ofRelations, only: relations });
  const whole = [...(inherits ? ['inherits' as const] : []), ...(names ? ['names' as const] : [])];
  await readSets(asker, read, { sets: whole });
  await readSets(asker, read, { sets: ['definitions'], only: objects });
  return changeFacts(before, { relations, read, inherits, names });
}

/** New, changed and gone relations. */
async function changedRelations(
  asker: CatalogAsker,
  { relations }: CatalogFacts,
  difference: CatalogDifference,
): Promise<Set<number>> {
  const found = new Set<number>();
  for (const source of ['relations', 'columns', 'defaults', 'rules'] as const) {
    for (const oid of difference.objects(source)) found.add(oid);
  }
  // A rule that is gone shows in nothing but the count; that of a view lasts as long as the view.
  if (difference.touched('rules')) {
    for (const [oid, { relation }] of relations) if (relation.hasRules) found.add(oid);
  }
  // The relations of before and the new ones together are as many as there are unless some are gone.
  let known = relations.size;
  for (const oid of difference.objects('relations')) if (!relations.has(oid)) known += 1;
  if (known === difference.count('relations')) return found;
  const present = await presentRelations(asker);
  for (const oid of relations.keys()) if (!present.has(oid)) found.add(oid);
  return found;
}

async function presentRelations(asker: CatalogAsker): Promise<ReadonlySet<number>> {
  const [[row] = []] = await asker.ask([relationsQuery]);
  return new Set(row?.[0]?.split(' ').map(Number));
}
