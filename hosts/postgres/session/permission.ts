// What was permitted for one statement text: how its results are masked and what its records are.

import type { Decision, MaskStrategy } from '#engine';

/** Strategy by column number of a table. */
export type ColumnMasks = ReadonlyMap<number, MaskStrategy>;

export interface Permission {
  /** Ids of the decisions that permit it, for the outcome's record. */
  readonly decisions: readonly Decision[];
  /**
   * Masks by table OID and column number; `undefined` when no masked column can be reached. With masks, every
   * result must be described before its first row.
   */
  readonly masks: ReadonlyMap<number, ColumnMasks> | undefined;
  /** With masks: OIDs of the relations that its columns may come from; any other origin is a contradiction. */
  readonly origins: ReadonlySet<number>;
  /** Masking rules apply to this principal here, so errors and notices may carry what rows may not. */
  readonly guarded: boolean;
  readonly copy: 'in' | 'out' | null;
  /** It runs code that may change how the server reads text; see `SessionState.settings`. */
  readonly mayChangeSettings: boolean;
  /** It may leave a cursor behind, which the protocol knows as a portal of that name. */
  readonly opensCursors: boolean;
  /** DDL: the catalog is read again when it completes. */
  readonly changesCatalog: boolean;
}
