// Masks for one result: which columns to replace and with what, by what the text says and what the server says.

import type { Engine, MaskStrategy } from '#engine';
import { stricter } from '#engine';

import type { Catalog, Relation, ResultMasks } from '../sql/index.ts';
import type { Field, ReplacedColumn } from '../wire/index.ts';
import { RowRewriter } from '../wire/index.ts';
import { fixedValues, textTypes } from './fixed-values.ts';

/** How one column is replaced: by a value for all rows, or by a strategy for text. */
type MaskedColumn =
  | { readonly column: number; readonly constant: Buffer | null }
  | { readonly column: number; readonly strategy: MaskStrategy };

export type ResultPlan =
  | { readonly kind: 'clear' }
  | { readonly kind: 'masked'; readonly columns: readonly MaskedColumn[] }
  /** What the server describes is not what the analysis proved: no row may pass. */
  | { readonly kind: 'contradiction'; readonly why: string };

class Contradiction {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** @param fields the result's columns as the server describes them */
export function planResult(
  fields: readonly Field[],
  masks: ResultMasks,
  catalog: Catalog,
): ResultPlan {
  const { columns } = masks;
  if (columns !== undefined && columns.length !== fields.length) {
    return { kind: 'contradiction', why: 'a result has other columns than its statement' };
  }
  const masked: MaskedColumn[] = [];
  for (const [column, field] of fields.entries()) {
    const strategy = strategyFor(field, column, masks, catalog);
    if (strategy instanceof Contradiction) return { kind: 'contradiction', why: strategy.why };
    if (strategy === undefined) continue;
    masked.push(maskedColumn(column, field, strategy));
  }
  return masked.length === 0 ? { kind: 'clear' } : { kind: 'masked', columns: masked };
}

/** What is no text is replaced by the fixed value of its type, or by NULL. */
function maskedColumn(column: number, field: Field, strategy: MaskStrategy): MaskedColumn {
  if (strategy === 'null') return { column, constant: null };
  if (textTypes.has(field.typeOid)) return { column, strategy };
  const value = strategy === 'fixed' ? fixedValues.get(field.typeOid) : undefined;
  const constant = field.format === 1 ? value?.binary : value?.text;
  return { column, constant: constant ?? null };
}

function strategyFor(
  { tableOid, columnNumber }: Field,
  column: number,
  { columns, origins, relations }: ResultMasks,
  catalog: Catalog,
): MaskStrategy | undefined | Contradiction {
  const planned = columns?.[column];
  if (tableOid === 0) return planned?.strategy;
  const relation = catalog.relations.get(tableOid);
  // Another table may have taken the name since the statement was judged, or another column its place.
  if (relation === undefined || !relations.has(tableOid)) {
    return new Contradiction('a result comes from a table that the statement does not name');
  }
  const origin = relation.columns.find(({ attnum }) => attnum === columnNumber);
  if (columnNumber > 0 && origin === undefined) {
    return new Contradiction('a result holds a column that the catalog lacks');
  }
  if (planned !== undefined && !isSource(planned.sources, relation, origin?.name)) {
    return new Contradiction('a result comes from another column than its statement names');
  }
  if (columnNumber === 0 && planned?.strategy === undefined && origins.has(tableOid)) {
    return new Contradiction('a result holds whole rows of a masked table');
  }
  const own = origins.get(tableOid)?.get(columnNumber);
  if (own === undefined || planned?.strategy === undefined) return own ?? planned?.strategy;
  return stricter(own, planned.strategy);
}

type Sources = NonNullable<ResultMasks['columns']>[number]['sources'];

/** Whether the statement's text lets a column come from there; `undefined` for whole rows and system columns. */
const isSource = (sources: Sources, { qualified }: Relation, name: string | undefined): boolean =>
  name === undefined ||
  sources.has(`${qualified}.${name}`) ||
  sources.has(`${qualified}.*`) ||
  sources.has('?');

/** Rewrites the rows of one result. */
export const rowMasker = (
  engine: Pick<Engine, 'maskInto'>,
  columns: readonly MaskedColumn[],
): RowRewriter => new RowRewriter(columns.map((masked) => replacedColumn(engine, masked)));

function replacedColumn(engine: Pick<Engine, 'maskInto'>, masked: MaskedColumn): ReplacedColumn {
  const { column } = masked;
  if ('strategy' in masked) {
    const { strategy } = masked;
    return { column, write: (value, out) => engine.maskInto(value, strategy, out) };
  }
  const { constant } = masked;
  return {
    column,
    write: (_value, out) => {
      if (constant === null) return false;
      out.bytes(constant);
      return true;
    },
  };
}
