// Masks for one result, worked out from its RowDescription: which columns to replace and with what.

import type { Engine, MaskStrategy } from '#engine';

import type { Catalog } from '../sql/index.ts';
import type { Field, FrameView, Replacement } from '../wire/index.ts';
import { RowRewriter, columnTable, decodeDataRow } from '../wire/index.ts';
import type { Permission } from './permission.ts';

/** text, varchar, bpchar: types whose value is its text, in both formats. Any other type is masked by NULL. */
const textTypes = new Set([25, 1043, 1042]);

interface MaskedColumn {
  readonly column: number;
  readonly strategy: MaskStrategy;
}

export type ResultPlan =
  | { readonly kind: 'clear' }
  | { readonly kind: 'masked'; readonly columns: readonly MaskedColumn[] }
  /** What the server describes is not what the analysis proved: no row may pass. */
  | { readonly kind: 'contradiction'; readonly why: string };

const contradiction = (why: string): ResultPlan => ({ kind: 'contradiction', why });

/** @param fields the result's columns as the server describes them */
export function planResult(
  fields: readonly Field[],
  { masks, origins }: Pick<Permission, 'masks' | 'origins'>,
  catalog: Catalog,
): ResultPlan {
  const columns: MaskedColumn[] = [];
  for (const [column, field] of fields.entries()) {
    const { tableOid, columnNumber, typeOid } = field;
    if (tableOid === 0 || masks === undefined) continue;
    const relation = catalog.relations.get(tableOid);
    // Another table may have taken the name since the statement was judged, or another column its place.
    if (relation === undefined || !origins.has(tableOid)) {
      return contradiction('a result comes from a table that the statement does not name');
    }
    if (columnNumber > 0 && !relation.columns.some(({ attnum }) => attnum === columnNumber)) {
      return contradiction('a result holds a column that the catalog lacks');
    }
    const table = masks.get(tableOid);
    if (table === undefined) continue;
    if (columnNumber === 0) {
      return contradiction('a result holds whole rows of a masked table');
    }
    const strategy = table.get(columnNumber);
    if (strategy === undefined) continue;
    columns.push({ column, strategy: textTypes.has(typeOid) ? strategy : 'null' });
  }
  return columns.length === 0 ? { kind: 'clear' } : { kind: 'masked', columns };
}

/** Rewrites the rows of one result; `take` hands over what is ready. */
export class RowMasker {
  readonly #engine: Engine;
  readonly #columns: readonly MaskedColumn[];
  readonly #table = columnTable();
  readonly #rewriter = new RowRewriter();

  constructor(engine: Engine, columns: readonly MaskedColumn[]) {
    this.#engine = engine;
    this.#columns = columns;
  }

  /** Throws WireError for a row that does not fit its description. */
  append(row: FrameView): void {
    decodeDataRow(row, this.#table);
    const replacements: Replacement[] = [];
    for (const { column, strategy } of this.#columns) {
      const offset = this.#table[2 * column] ?? 0;
      const length = this.#table[2 * column + 1] ?? -1;
      if (length < 0) continue;
      const value = row.buffer.subarray(offset, offset + length);
      replacements.push({ column, value: this.#engine.mask(value, strategy) });
    }
    this.#rewriter.append(row, this.#table, replacements);
  }

  take(): Buffer {
    return this.#rewriter.take();
  }
}
