// Which columns the masks in force mean: those of the rules, their families, what is generated from them, and what
// views show of them.

import type { MaskingRule, MaskStrategy } from '#engine/model';
import { maskStrategies } from '#engine/model';

import type { Flow } from './analysis/flow.ts';
import { untracedKey } from './analysis/flow.ts';
import type { Catalog, Relation } from './catalog.ts';

/** Table oid → column number → strategy. */
export type MaskedOrigins = ReadonlyMap<number, ReadonlyMap<number, MaskStrategy>>;

/** Grows as views are looked at. */
export interface Sensitive {
  readonly catalog: Catalog;
  readonly origins: Map<number, Map<number, MaskStrategy>>;
  /** By `schema.relation.column`. */
  readonly strategies: Map<string, MaskStrategy>;
  /** Of these, the ones that may decide about rows, by the same keys. */
  readonly inferable: Set<string>;
}

export interface Unresolved {
  readonly message: string;
  readonly hint: string;
  readonly needsRefresh: boolean;
}

const strictest = (one: MaskStrategy | undefined, other: MaskStrategy): MaskStrategy =>
  one !== undefined && maskStrategies.indexOf(one) < maskStrategies.indexOf(other) ? one : other;

/** Adds one column of one relation. */
export function addMask(
  { origins, strategies }: Sensitive,
  relation: Relation,
  name: string,
  strategy: MaskStrategy,
): void {
  const column = relation.columnsByName.get(name);
  if (column === undefined) return;
  const own = origins.get(relation.oid) ?? new Map<number, MaskStrategy>();
  own.set(column.attnum, strictest(own.get(column.attnum), strategy));
  origins.set(relation.oid, own);
  const key = `${relation.qualified}.${name}`;
  strategies.set(key, strictest(strategies.get(key), strategy));
}

/**
 * Names to origins. A rule for a relation that does not exist protects nothing and is void.
 *
 * @param inferable columns as the policy names them
 */
export function resolveMasks(
  catalog: Catalog,
  masks: readonly MaskingRule[],
  inferable: readonly string[],
): Sensitive | Unresolved {
  const sensitive: Sensitive = {
    catalog,
    origins: new Map(),
    strategies: new Map(),
    inferable: new Set(),
  };
  for (const masking of masks) {
    if (!('column' in masking)) {
      return {
        message: 'the policy masks what no column of a relation is',
        hint: 'rules for databases name a column: schema.relation.column',
        needsRefresh: false,
      };
    }
    const { column: selector, strategy } = masking;
    for (const { relation, name, isDirect } of meant(catalog, selector)) {
      if (!relation.columnsByName.has(name)) {
        return {
          message: `the policy masks ${selector}, which the relation does not have`,
          hint: 'correct the mask rule, or try again if the table has just changed',
          needsRefresh: true,
        };
      }
      // What a generated column keeps of its source is unknown, so nothing of it is shown.
      addMask(sensitive, relation, name, isDirect ? strategy : 'null');
    }
  }
  for (const selector of inferable) {
    for (const { relation, name } of meant(catalog, selector)) {
      sensitive.inferable.add(`${relation.qualified}.${name}`);
    }
  }
  return sensitive;
}

interface Meant {
  readonly relation: Relation;
  readonly name: string;
  /** The column itself, not one that is generated from it. */
  readonly isDirect: boolean;
}

/** The columns that a selector of a policy means. */
function meant(catalog: Catalog, selector: string): readonly Meant[] {
  const dot = selector.lastIndexOf('.');
  const name = selector.slice(dot + 1);
  return (catalog.byQualified.get(selector.slice(0, dot)) ?? []).flatMap((named) =>
    named.columnsByName.has(name)
      ? named.family.flatMap((oid) => {
          const relation = catalog.relations.get(oid);
          return relation?.columnsByName.has(name) === true ? withGenerated(relation, name) : [];
        })
      : [{ relation: named, name, isDirect: true }],
  );
}

function withGenerated(relation: Relation, name: string): readonly Meant[] {
  const derived = [...relation.generated]
    .filter(([, sources]) => sources.includes(name))
    .map(([generated]) => ({ relation, name: generated, isDirect: false }));
  return [{ relation, name, isDirect: true }, ...derived];
}

/** The relations of a key for whole rows. */
const relationsOf = (catalog: Catalog, key: string): readonly Relation[] =>
  key.endsWith('.*') ? (catalog.byQualified.get(key.slice(0, -2)) ?? []) : [];

/** Whether a key of a use or a flow means a masked column; what cannot be traced does. */
export function isMasked({ catalog, strategies, origins }: Sensitive, key: string): boolean {
  return (
    key === untracedKey ||
    strategies.has(key) ||
    relationsOf(catalog, key).some(({ oid }) => origins.has(oid))
  );
}

/** Whether the policy lets all masked columns that a key means decide about rows. */
export function isInferable(sensitive: Sensitive, key: string): boolean {
  const { catalog, strategies, inferable } = sensitive;
  if (inferable.has(key)) return true;
  const relations = relationsOf(catalog, key);
  return (
    relations.length > 0 &&
    relations.every((relation) =>
      relation.columns.every(({ name }) => {
        const column = `${relation.qualified}.${name}`;
        return !strategies.has(column) || inferable.has(column);
      }),
    )
  );
}

/** What stands for a value: undefined if nothing masked is in it. */
export function strategyOf(sensitive: Sensitive, flow: Flow): MaskStrategy | undefined {
  let found: MaskStrategy | undefined;
  for (const [key, manner] of flow) {
    if (!isMasked(sensitive, key)) continue;
    const own = manner === 'derived' ? 'null' : (sensitive.strategies.get(key) ?? 'null');
    found = strictest(found, own);
  }
  return found;
}

/** Types of users bring code of users: of their input, output and casts. */
const firstUserOid = 16384;

/** The masked column in a computed value whose type is a user's. */
export function foreignType(sensitive: Sensitive, flow: Flow): string | undefined {
  for (const [key, manner] of flow) {
    if (manner !== 'derived' || !isMasked(sensitive, key)) continue;
    // A whole row has a type of its own, with casts that JSON and text are made by.
    const row = relationsOf(sensitive.catalog, key).find(({ name }) =>
      sensitive.catalog.userCasts.has(name),
    );
    if (row !== undefined) return key;
    const found = columnsOf(sensitive.catalog, key).find(
      ({ column, type }) => type >= firstUserOid && sensitive.strategies.has(column),
    );
    if (found !== undefined) return found.column;
  }
  return undefined;
}

function columnsOf(catalog: Catalog, key: string) {
  const dot = key.lastIndexOf('.');
  const name = key.slice(dot + 1);
  return (catalog.byQualified.get(key.slice(0, Math.max(0, dot))) ?? []).flatMap((relation) =>
    relation.columns
      .filter((column) => name === '*' || column.name === name)
      .map((column) => ({
        column: `${relation.qualified}.${column.name}`,
        type: column.typeOid,
      })),
  );
}

/** The type of a value that is a single column unchanged, or one of several of one type. */
export function typeOf(catalog: Catalog, flow: Flow): number | undefined {
  const types = new Set<number>();
  for (const [key, manner] of flow) {
    const found = manner === 'derived' ? [] : columnsOf(catalog, key);
    if (found.length === 0) return undefined;
    for (const { type } of found) types.add(type);
  }
  const [type] = types;
  return types.size === 1 ? type : undefined;
}
