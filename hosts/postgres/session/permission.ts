// What was permitted for one statement text: how its results are masked and what its records are.

import type { Budget, Decision } from '#engine';

import type { AnalysedStatement, Catalog, DefinedName, ResultMasks } from '../sql/index.ts';

/** What a budget holds for. */
export interface Bounds {
  readonly budget: Budget;
  /** How many statements the text has: their results share the budget. */
  readonly statements: number;
  /** How many of them count for `statements_per_minute`: who may not end a transaction would keep its locks. */
  readonly counted: number;
}

/** What SQL puts under a name: by PREPARE or DECLARE, as it was judged then. */
export interface Definition extends DefinedName {
  /** The whole command. */
  readonly text: string;
  readonly statement: AnalysedStatement;
  readonly catalog: Catalog;
  readonly revision: string;
}

export interface Permission {
  /** Ids of the decisions that permit it, for the outcome's record. */
  readonly decisions: readonly Decision[];
  /**
   * How results are masked, one for each statement of the text; `undefined` when no masked column can be reached by any
   * of them. With masks, every result must be described before its first row.
   */
  readonly masks: readonly (ResultMasks | undefined)[] | undefined;
  /** By which the results were planned, if not by the latest: that by which a cursor was declared. */
  readonly catalog: Catalog | undefined;
  /** Masking rules apply to this principal here, so errors and notices may carry what rows may not. */
  readonly guarded: boolean;
  /** It computes with masked columns: no text of an error passes, whatever its code. */
  readonly silent: boolean;
  /** What it may spend; `undefined` where nothing bounds it. */
  readonly bounds: Bounds | undefined;
  /** What comes under a name when it completes, one for each statement of the text; `undefined` when nothing does. */
  readonly defines: readonly (Definition | undefined)[] | undefined;
  /** It runs what stands under a name of SQL, so it holds for as long as the name does. */
  readonly runsNamed: boolean;
  readonly copy: 'in' | 'out' | null;
  /** It runs code that may change how the server reads text; see `SessionState.settings`. */
  readonly mayChangeSettings: boolean;
  /** It may leave a cursor behind, which the protocol knows as a portal of that name. */
  readonly opensCursors: boolean;
  /** DDL: the catalog is read again when it completes. */
  readonly changesCatalog: boolean;
}
