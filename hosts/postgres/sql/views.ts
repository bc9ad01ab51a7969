// What views show of masked columns: their definitions are analysed like statements.

import { analyse } from './analyse.ts';
import { denyCode } from './called-code.ts';
import type { Catalog, Relation } from './catalog.ts';
import type { Sensitive } from './sensitive.ts';
import { addMask, foreignType, isInferable, isMasked, strategyOf } from './sensitive.ts';
import type { AnalysedStatement } from './types.ts';

/** Longer ones are not analysed, and nothing is known of their columns. */
const definitionBytesMax = 256 * 1024;
const settings = { standardConformingStrings: 'on', clientEncoding: 'UTF8' };

/** By the catalog that names were resolved by: it may share the relation with others. */
const definitions = new WeakMap<Catalog, Map<Relation, AnalysedStatement | 'unknown'>>();

/** The analysed query of a view; `unknown` unless its columns and all that it reads are known for sure. */
function definitionOf(view: Relation, catalog: Catalog): AnalysedStatement | 'unknown' {
  const known = definitions.get(catalog) ?? new Map<Relation, AnalysedStatement | 'unknown'>();
  definitions.set(catalog, known);
  const before = known.get(view);
  if (before !== undefined) return before;
  const found = analysed(view, catalog);
  known.set(view, found);
  return found;
}

function analysed(view: Relation, catalog: Catalog): AnalysedStatement | 'unknown' {
  if (view.definition === undefined) return 'unknown';
  const options = { settings, statementBytesMax: definitionBytesMax };
  const result = analyse(view.definition, catalog, options);
  if (result.kind === 'refused') return 'unknown';
  const [statement] = result.statements;
  if (statement === undefined || result.statements.length > 1) return 'unknown';
  const { columns, isComplete } = statement.result;
  const fits = isComplete && columns.length === view.columns.length && statement.unknown.size === 0;
  if (!fits || statement.facts.command !== 'SELECT') return 'unknown';
  const read = new Set(
    touched(statement, catalog).flatMap(({ oid, reaches }) => [oid, ...reaches]),
  );
  return [...view.reaches].every((oid) => read.has(oid)) ? statement : 'unknown';
}

/** The relations that a statement names. */
export function touched(statement: AnalysedStatement, catalog: Catalog): readonly Relation[] {
  return [...statement.reads, ...statement.writes].flatMap(
    (name) => catalog.byQualified.get(name) ?? [],
  );
}

/** Why no column of the view may be shown. */
export interface Hidden {
  readonly message: string;
  readonly hint: string;
}

const resolved = new WeakMap<Sensitive, Map<number, Hidden | 'shown'>>();

/**
 * Adds the masked columns of a view, and of those beneath it, to `sensitive`; only what reaches masked tables is
 * looked at.
 */
export function resolveView(view: Relation, sensitive: Sensitive): Hidden | 'shown' {
  const known = resolved.get(sensitive) ?? new Map<number, Hidden | 'shown'>();
  resolved.set(sensitive, known);
  const before = known.get(view.oid);
  if (before !== undefined) return before;
  // A view that seems to read itself is one of several of its name.
  known.set(view.oid, hidden(view, 'seems to read itself'));
  const found = resolveNow(view, sensitive);
  known.set(view.oid, found);
  return found;
}

const hidden = (view: Relation, why: string): Hidden => ({
  message: `${view.qualified} ${why}`,
  hint: 'query the tables beneath it',
});

function resolveNow(view: Relation, sensitive: Sensitive): Hidden | 'shown' {
  const { catalog } = sensitive;
  const statement = definitionOf(view, catalog);
  if (statement === 'unknown') {
    return hidden(view, 'shows masked columns, and its definition cannot be followed');
  }
  const code = denyCode(statement, catalog);
  if (code !== undefined) return hidden(view, `shows masked columns, and ${code.message}`);
  for (const relation of touched(statement, catalog)) {
    if (!reachesMasked(relation, sensitive)) continue;
    const beneath = resolveView(relation, sensitive);
    if (beneath !== 'shown') return beneath;
  }
  const { inferred, escaped } = statement.uses;
  const open = [...inferred].find(
    (key) => isMasked(sensitive, key) && !isInferable(sensitive, key),
  );
  const lost = open ?? [...escaped].find((key) => isMasked(sensitive, key));
  if (lost !== undefined) return hidden(view, `chooses or sorts its rows by ${lost}`);
  return addColumns(view, statement, sensitive);
}

function addColumns(
  view: Relation,
  { result }: AnalysedStatement,
  sensitive: Sensitive,
): Hidden | 'shown' {
  for (const [at, flow] of result.columns.entries()) {
    const foreign = foreignType(sensitive, flow);
    if (foreign !== undefined)
      return hidden(view, `computes with ${foreign}, whose type is a user's`);
    const name = view.columns[at]?.name;
    const strategy = strategyOf(sensitive, flow);
    if (name === undefined || strategy === undefined) continue;
    addMask(sensitive, view, name, strategy);
    const masked = [...flow.keys()].filter((key) => isMasked(sensitive, key));
    if (masked.every((key) => isInferable(sensitive, key))) {
      sensitive.inferable.add(`${view.qualified}.${name}`);
    }
  }
  return 'shown';
}

/** Whether a relation is a view, or a table with rules, over masked tables. */
export const reachesMasked = (relation: Relation, { origins }: Sensitive): boolean =>
  [...relation.reaches].some((oid) => origins.has(oid));
