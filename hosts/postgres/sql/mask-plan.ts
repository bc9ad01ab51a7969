// Whether the masks in force can be applied soundly to a statement's result, by what each of its columns is made of,
// or the statement must be denied. What is not proven is denied.

import type { MaskingRule, MaskStrategy } from '#engine/model';

import type { CopyLayout } from './analysis/copy-layout.ts';
import type { Flow } from './analysis/flow.ts';
import { unknownName } from './analysis/scope.ts';
import { denyCode } from './called-code.ts';
import type { Catalog, Relation } from './catalog.ts';
import { leakyRelations } from './reviewed-functions.ts';
import type { MaskedOrigins, Sensitive, Unresolved } from './sensitive.ts';
import {
  foreignType,
  isInferable,
  isMasked,
  resolveMasks,
  strategyOf,
  typeOf,
} from './sensitive.ts';
import type { AnalysedStatement, PostgresFacts } from './types.ts';
import { reachesMasked, resolveView, touched } from './views.ts';

export interface ResultColumn {
  /** Undefined for a column in which nothing masked is. */
  readonly strategy: MaskStrategy | undefined;
  /** Where the server may say that it comes from. */
  readonly sources: Flow;
  readonly name: string | undefined;
  /** Oid of its type, if it is that of a column which comes unchanged. */
  readonly type: number | undefined;
}

/** How one statement's result is masked. */
export interface ResultMasks {
  /** By position; undefined where only the server knows the columns, and all that is masked has an origin. */
  readonly columns: readonly ResultColumn[] | undefined;
  readonly origins: MaskedOrigins;
  /** Oids of the relations that its columns can come from. */
  readonly relations: ReadonlySet<number>;
  /** Of COPY TO. */
  readonly copy: CopyLayout | undefined;
  /** Masked columns are computed with, so even an error's name may quote one. */
  readonly isComputed: boolean;
}

export type MaskPlan =
  | { readonly kind: 'clear' }
  | { readonly kind: 'masked'; readonly result: ResultMasks }
  | {
      readonly kind: 'denied';
      readonly code: 'mask-unsupported';
      readonly message: string;
      readonly hint: string;
      /** The catalog may be older than the statement: read it again and try once more. */
      readonly needsRefresh: boolean;
    };

/** The masks of a decision, and the masked columns that it lets decide about rows. */
export interface MaskDemand {
  readonly masks: readonly MaskingRule[];
  readonly inferable: readonly string[];
}

/** Decides for one statement under the masks of its decision. */
export function planMasks(
  statement: AnalysedStatement,
  catalog: Catalog,
  demand: MaskDemand,
): MaskPlan {
  if (demand.masks.length === 0) return { kind: 'clear' };
  const sensitive = resolved(catalog, demand);
  if (!('origins' in sensitive)) return { kind: 'denied', code: 'mask-unsupported', ...sensitive };
  const known = plans.get(sensitive) ?? new WeakMap<PostgresFacts, MaskPlan>();
  plans.set(sensitive, known);
  const plan = known.get(statement.facts) ?? planOf(statement, sensitive);
  known.set(statement.facts, plan);
  return plan;
}

/** Statements that come again are analysed once, and planned once: by their facts, which texts of one shape share. */
const plans = new WeakMap<Sensitive, WeakMap<PostgresFacts, MaskPlan>>();

function planOf(statement: AnalysedStatement, sensitive: Sensitive): MaskPlan {
  const { catalog } = sensitive;
  const code = denyCode(statement, catalog);
  const denial =
    denyOpaque(statement) ??
    (code === undefined ? undefined : deny(code.message, code.hint)) ??
    denyUnknown(statement) ??
    denyRelations(statement, sensitive);
  if (denial !== undefined) return denial;
  const relations = touched(statement, catalog);
  const isHarmless = statement.maskClass === 'harmless';
  if (isHarmless || !relations.some(({ oid }) => sensitive.origins.has(oid))) {
    return { kind: 'clear' };
  }
  return (
    denyUses(statement, sensitive) ??
    denyResult(statement, sensitive) ?? {
      kind: 'masked',
      result: resultOf(statement, sensitive, relations),
    }
  );
}

const deny = (message: string, hint: string, needsRefresh = false): MaskPlan => ({
  kind: 'denied',
  code: 'mask-unsupported',
  message,
  hint,
  needsRefresh,
});

type Resolutions = WeakMap<
  readonly MaskingRule[],
  WeakMap<readonly string[], Sensitive | Unresolved>
>;

const resolutions = new WeakMap<Catalog, Resolutions>();

/** The same rules resolve to the same origins for as long as the catalog is the same. */
function resolved(catalog: Catalog, { masks, inferable }: MaskDemand): Sensitive | Unresolved {
  const ofCatalog: Resolutions = resolutions.get(catalog) ?? new WeakMap();
  resolutions.set(catalog, ofCatalog);
  const ofMasks = ofCatalog.get(masks) ?? new WeakMap<readonly string[], Sensitive | Unresolved>();
  ofCatalog.set(masks, ofMasks);
  const sensitive = ofMasks.get(inferable) ?? resolveMasks(catalog, masks, inferable);
  ofMasks.set(inferable, sensitive);
  return sensitive;
}

function denyOpaque(statement: AnalysedStatement): MaskPlan | undefined {
  return statement.maskClass === 'opaque'
    ? deny(
        `${statement.facts.command} is not possible while columns are masked for you`,
        'what it runs or returns cannot be traced to columns; use plain SELECT, INSERT, UPDATE or DELETE',
      )
    : undefined;
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

/** Whether all that a statement touches is tables of which the catalog knows that no rule rewrites them. */
export function readsTablesOnly(statement: AnalysedStatement, catalog: Catalog): boolean {
  if (statement.unknownRelation) return false;
  return touched(statement, catalog).every(
    ({ kind, hasRules }) => (kind === 'r' || kind === 'p') && !hasRules,
  );
}

function denyRelations(statement: AnalysedStatement, sensitive: Sensitive): MaskPlan | undefined {
  if (statement.maskClass === 'harmless') return undefined;
  for (const relation of touched(statement, sensitive.catalog)) {
    const denial = denyRelation(statement, relation, sensitive);
    if (denial !== undefined) return denial;
  }
  return undefined;
}

function denyRelation(
  statement: AnalysedStatement,
  relation: Relation,
  sensitive: Sensitive,
): MaskPlan | undefined {
  const { qualified } = relation;
  const isView = relation.kind === 'v' || relation.kind === 'm';
  const reaches = reachesMasked(relation, sensitive);
  const isWritten = statement.writes.has(qualified);
  if (relation.callsFunctions || (reaches && (!isView || relation.hasRules || isWritten))) {
    return deny(
      `${qualified} is defined by functions, or rewrites statements to masked tables`,
      'query the tables beneath it',
    );
  }
  if (reaches) {
    const view = resolveView(relation, sensitive);
    if (view !== 'shown') return deny(view.message, view.hint, statement.unknownRelation);
  }
  const masked = sensitive.origins.has(relation.oid);
  if (masked && statement.maskClass === 'definition') {
    return deny(
      `${statement.facts.command} on ${qualified} is not possible while its columns are masked for you`,
      'ask someone for whom the policy does not mask it',
    );
  }
  if (masked && relation.hasRules) {
    return deny(`rules rewrite statements on ${qualified}`, 'query the tables beneath it');
  }
  if (leakyRelations.has(qualified) || reachesLeak(relation, sensitive.catalog)) {
    return deny(
      `${qualified} holds values of other tables or statements of other sessions`,
      'it cannot be read while columns are masked for you',
    );
  }
  return undefined;
}

const reachesLeak = (relation: Relation, catalog: Catalog): boolean =>
  [...relation.reaches].some((oid) =>
    leakyRelations.has(catalog.relations.get(oid)?.qualified ?? ''),
  );

function denyUses(statement: AnalysedStatement, sensitive: Sensitive): MaskPlan | undefined {
  const { inferred, escaped } = statement.uses;
  for (const key of escaped) {
    if (!isMasked(sensitive, key)) continue;
    return deny(
      `the statement takes ${named(key)} to where no mask reaches`,
      'masked columns can be shown, but neither written elsewhere nor given to functions with effects',
      statement.unknownRelation,
    );
  }
  for (const key of inferred) {
    if (!isMasked(sensitive, key) || isInferable(sensitive, key)) continue;
    return deny(
      `rows, their order or an error would tell of ${named(key)}`,
      'compare, join, sort and group by other columns; or a policy grants it: infer contains {"column": …}',
      statement.unknownRelation,
    );
  }
  return undefined;
}

const named = (key: string): string =>
  key.endsWith('.*') ? `whole rows of ${key.slice(0, -2)}` : `the column ${key}`;

function denyResult(statement: AnalysedStatement, sensitive: Sensitive): MaskPlan | undefined {
  const { columns, isComplete } = statement.result;
  for (const flow of columns) {
    const foreign = foreignType(sensitive, flow);
    if (foreign !== undefined) {
      return deny(
        `the type of ${foreign} is a user's, and computing with it runs code of users`,
        selectPlainly,
      );
    }
    for (const [key, manner] of flow) {
      if (isComplete) break;
      if (!isMasked(sensitive, key) || (manner === 'origin' && statement.copy !== 'out')) continue;
      return deny(
        `the text does not tell in which column ${named(key)} is`,
        'name the columns, and tables with their schema',
        statement.unknownRelation,
      );
    }
  }
  return statement.copy === 'out' ? denyCopy(statement, sensitive) : undefined;
}

function denyCopy(
  { copyLayout, result }: AnalysedStatement,
  sensitive: Sensitive,
): MaskPlan | undefined {
  const masked = result.columns.flatMap((flow, at) =>
    strategyOf(sensitive, flow) === undefined ? [] : [result.names[at]],
  );
  if (masked.length === 0) return undefined;
  if (copyLayout === undefined) {
    return deny(
      'masked columns are copied out in text and CSV only, without ENCODING',
      'use COPY … TO STDOUT (FORMAT csv)',
    );
  }
  return copyLayout.hasHeader && masked.includes(unknownName)
    ? deny('the header of a masked column is not known', 'name the column with AS')
    : undefined;
}

const selectPlainly = 'select the column as it is';

function resultOf(
  statement: AnalysedStatement,
  sensitive: Sensitive,
  relations: readonly Relation[],
): ResultMasks {
  const { columns, isComplete } = statement.result;
  const planned = columns.map((sources, at) => ({
    sources,
    strategy: strategyOf(sensitive, sources),
    name: statement.result.names[at],
    type: typeOf(sensitive.catalog, sources),
  }));
  const isComputed =
    [...statement.uses.inferred].some((key) => isMasked(sensitive, key)) ||
    columns.some((flow) =>
      [...flow].some(([key, manner]) => manner === 'derived' && isMasked(sensitive, key)),
    );
  return {
    columns: isComplete ? planned : undefined,
    origins: sensitive.origins,
    relations: new Set(relations.map(({ oid }) => oid)),
    copy: statement.copyLayout,
    isComputed,
  };
}
