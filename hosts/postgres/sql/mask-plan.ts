// Whether the masks in force can be applied soundly to a statement's result by the origin that the server
// reports for each column, or the statement must be denied. What is not proven is denied.

import type { MaskingRule, MaskStrategy } from '#engine/model';
import { maskStrategies } from '#engine/model';

import type { Catalog, Relation } from './catalog.ts';
import { isReviewed, leakyRelations } from './reviewed-functions.ts';
import type { AnalysedStatement } from './types.ts';

/** Table oid → column number → strategy. */
export type MaskedOrigins = ReadonlyMap<number, ReadonlyMap<number, MaskStrategy>>;

export type MaskPlan =
  | { readonly kind: 'clear' }
  | { readonly kind: 'by-origin'; readonly columns: MaskedOrigins }
  | {
      readonly kind: 'denied';
      readonly code: 'mask-unsupported';
      readonly message: string;
      readonly hint: string;
      /** The catalog may be older than the statement: read it again and try once more. */
      readonly needsRefresh: boolean;
    };

interface Sensitive {
  readonly origins: MaskedOrigins;
  /** `schema.relation.column`. */
  readonly columns: ReadonlySet<string>;
}

/** Decides for one statement under the masks of its decision. */
export function planMasks(
  statement: AnalysedStatement,
  catalog: Catalog,
  masks: readonly MaskingRule[],
): MaskPlan {
  if (masks.length === 0) return { kind: 'clear' };
  const sensitive = resolved(catalog, masks);
  if (!('origins' in sensitive)) return sensitive;
  const denial =
    denyOpaque(statement) ??
    denyCode(statement, catalog) ??
    denyUnknown(statement) ??
    denyRelations(statement, catalog, sensitive) ??
    denyUses(statement, catalog, sensitive);
  if (denial !== undefined) return denial;
  return touched(statement, catalog).some((relation) => sensitive.origins.has(relation.oid))
    ? { kind: 'by-origin', columns: sensitive.origins }
    : { kind: 'clear' };
}

const deny = (message: string, hint: string, needsRefresh = false): MaskPlan => ({
  kind: 'denied',
  code: 'mask-unsupported',
  message,
  hint,
  needsRefresh,
});

const selectPlainly = 'select masked columns as plain items of the outermost SELECT only';

const strictest = (one: MaskStrategy | undefined, other: MaskStrategy): MaskStrategy =>
  one !== undefined && maskStrategies.indexOf(one) < maskStrategies.indexOf(other) ? one : other;

const resolutions = new WeakMap<Catalog, WeakMap<readonly MaskingRule[], Sensitive | MaskPlan>>();

/** The same rules resolve to the same origins for as long as the catalog is the same. */
function resolved(catalog: Catalog, masks: readonly MaskingRule[]): Sensitive | MaskPlan {
  const known =
    resolutions.get(catalog) ?? new WeakMap<readonly MaskingRule[], Sensitive | MaskPlan>();
  resolutions.set(catalog, known);
  const sensitive = known.get(masks) ?? resolve(catalog, masks);
  known.set(masks, sensitive);
  return sensitive;
}

/** Names to origins. A rule for a relation that does not exist protects nothing and is void. */
function resolve(catalog: Catalog, masks: readonly MaskingRule[]): Sensitive | MaskPlan {
  const origins = new Map<number, Map<number, MaskStrategy>>();
  const columns = new Set<string>();
  const mask = (relation: Relation, name: string, strategy: MaskStrategy): void => {
    const column = relation.columnsByName.get(name);
    if (column === undefined) return;
    const own = origins.get(relation.oid) ?? new Map<number, MaskStrategy>();
    own.set(column.attnum, strictest(own.get(column.attnum), strategy));
    origins.set(relation.oid, own);
    columns.add(`${relation.qualified}.${name}`);
    for (const [derived, sources] of relation.generated) {
      // What a generated column keeps of its source is unknown, so nothing of it is shown.
      if (sources.includes(name)) mask(relation, derived, 'null');
    }
  };
  for (const masking of masks) {
    if (!('column' in masking)) {
      return deny(
        'the policy masks what no column of a relation is',
        'rules for databases name a column: schema.relation.column',
      );
    }
    const { column: selector, strategy } = masking;
    const dot = selector.lastIndexOf('.');
    const name = selector.slice(dot + 1);
    for (const relation of catalog.byQualified.get(selector.slice(0, dot)) ?? []) {
      if (!relation.columnsByName.has(name)) {
        return deny(
          `the policy masks ${selector}, which the relation does not have`,
          'correct the mask rule, or try again if the table has just changed',
          true,
        );
      }
      for (const oid of relation.family) {
        const member = catalog.relations.get(oid);
        if (member !== undefined) mask(member, name, strategy);
      }
    }
  }
  return { origins, columns };
}

function denyOpaque(statement: AnalysedStatement): MaskPlan | undefined {
  return statement.maskClass === 'opaque'
    ? deny(
        `${statement.facts.command} is not possible while columns are masked for you`,
        'what it runs or returns cannot be traced to columns; use plain SELECT, INSERT, UPDATE or DELETE',
      )
    : undefined;
}

function denyCode(statement: AnalysedStatement, catalog: Catalog): MaskPlan | undefined {
  for (const name of statement.functions) {
    if (!isReviewed(name, catalog)) {
      return deny(
        `the function ${name} may read masked columns`,
        'under masks only built-in functions that see nothing but their arguments can be called',
      );
    }
  }
  for (const name of statement.operators) {
    if (catalog.userOperators.has(name)) {
      return deny(`the operator ${name} is user-defined`, 'write OPERATOR(pg_catalog.…) instead');
    }
  }
  for (const name of statement.casts) {
    if (catalog.userCasts.has(name)) {
      return deny(`the cast to ${name} is user-defined`, 'leave the cast out');
    }
  }
  return undefined;
}

function denyUnknown(statement: AnalysedStatement): MaskPlan | undefined {
  const [name] = statement.unknown;
  return name === undefined || statement.maskClass !== 'uses'
    ? undefined
    : deny(
        `the catalog does not know the relation ${name}`,
        'check the name; a relation that was just created is known in a moment',
        true,
      );
}

function touched(statement: AnalysedStatement, catalog: Catalog): readonly Relation[] {
  return [...statement.reads, ...statement.writes].flatMap(
    (name) => catalog.byQualified.get(name) ?? [],
  );
}

/** Whether all that a statement touches is tables of which the catalog knows that no rule rewrites them. */
export function readsTablesOnly(statement: AnalysedStatement, catalog: Catalog): boolean {
  if (statement.unknownRelation) return false;
  return touched(statement, catalog).every(
    ({ kind, hasRules }) => (kind === 'r' || kind === 'p') && !hasRules,
  );
}

function denyRelations(
  statement: AnalysedStatement,
  catalog: Catalog,
  sensitive: Sensitive,
): MaskPlan | undefined {
  if (statement.maskClass === 'harmless') return undefined;
  for (const relation of touched(statement, catalog)) {
    const masked = sensitive.origins.has(relation.oid);
    if (masked && statement.maskClass === 'definition') {
      return deny(
        `${statement.facts.command} on ${relation.qualified} is not possible while its columns are masked for you`,
        'ask someone for whom the policy does not mask it',
      );
    }
    const reaches = [...relation.reaches].some((oid) => sensitive.origins.has(oid));
    if (reaches || relation.callsFunctions || (masked && relation.hasRules)) {
      return deny(
        `${relation.qualified} is defined over masked columns or by functions`,
        'query the tables beneath it',
      );
    }
    if (leakyRelations.has(relation.qualified) || reachesLeak(relation, catalog)) {
      return deny(
        `${relation.qualified} holds values of other tables or statements of other sessions`,
        'it cannot be read while columns are masked for you',
      );
    }
  }
  return undefined;
}

const reachesLeak = (relation: Relation, catalog: Catalog): boolean =>
  [...relation.reaches].some((oid) =>
    leakyRelations.has(catalog.relations.get(oid)?.qualified ?? ''),
  );

function denyUses(
  statement: AnalysedStatement,
  catalog: Catalog,
  sensitive: Sensitive,
): MaskPlan | undefined {
  for (const key of statement.uses.inner) {
    const masked = key.endsWith('.*')
      ? catalog.byQualified
          .get(key.slice(0, -2))
          ?.some((relation) => sensitive.origins.has(relation.oid))
      : sensitive.columns.has(key);
    if (masked === true) {
      const what = key.endsWith('.*') ? `whole rows of ${key.slice(0, -2)}` : `the column ${key}`;
      return deny(
        `the statement does more with ${what} than show it, and masks could be evaded so`,
        selectPlainly,
        statement.unknownRelation,
      );
    }
  }
  return undefined;
}
