// What the analysis of SQL text yields: facts for policy, flags for the session, column uses for masking.

import type { ReasonCode } from '#engine/model';

import type { CopyLayout } from './analysis/copy-layout.ts';
import type { Flow } from './analysis/flow.ts';
import type { MaskClass } from './commands.ts';

// Type aliases, not interfaces: facts must be assignable to `JsonObject`.
export type RelationFact = {
  /** `schema.relation`, folded as the server folds it. */
  readonly name: string;
  readonly access: 'read' | 'write';
};

/** What the session did before the statement; an analysis says that it did nothing. */
export type SoFarFacts = {
  readonly transaction: 'idle' | 'open' | 'failed';
  readonly so_far: {
    readonly rows: number;
    readonly refused: number;
    readonly failed: number;
    readonly relations: readonly string[];
  };
};

/** One command as policies see it: `input.statement`, schema `schemas/postgres.json`. */
export type PostgresFacts = SoFarFacts & {
  /** Upper case, from a closed list: see `commands.ts`. */
  readonly command: string;
  readonly relations: readonly RelationFact[];
  /** `schema.relation.column`, or `schema.relation.*` for whole rows. */
  readonly columns: readonly string[];
  /** As written, lower case: `count`, `pg_catalog.now`, `public.f`; of a FunctionCall with the schema. */
  readonly functions: readonly string[];
  /** False if the command or a write nested in it has no WHERE. */
  readonly where: boolean;
  /** The top-level LIMIT when it is a constant. */
  readonly limit: number | null;
  /** There were more facts than the caps allow: never judge this as complete. */
  readonly truncated: boolean;
};

export interface Refused {
  readonly kind: 'refused';
  readonly code: ReasonCode;
  readonly message: string;
  readonly hint?: string;
  /** Where the grammar stopped, in characters from 1: then the message is PostgreSQL's own. */
  readonly position?: number;
}

export type Transaction =
  'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback-to' | 'prepare';

/**
 * Columns that come out in another way than as values of the result, keys `schema.relation.column` or
 * `schema.relation.*`. `inferred`: rows, their order or an error tell of them. `escaped`: written, or given to code that
 * may do anything with them.
 */
export interface ColumnUses {
  readonly inferred: ReadonlySet<string>;
  readonly escaped: ReadonlySet<string>;
}

/** A name of SQL; the protocol knows prepared statements and cursors (as portals) by the same names. */
export interface QueryName {
  readonly kind: 'prepared' | 'cursor';
  readonly name: string;
}

export interface DefinedName extends QueryName {
  /** It does not end with its transaction. */
  readonly outlives: boolean;
}

export interface RunName extends QueryName {
  /** Another statement shows or keeps what comes: EXPLAIN, CREATE TABLE AS. */
  readonly isNested: boolean;
}

/** What the result is made of. */
export interface ResultShape {
  /** One for each column of the result, in order, if `isComplete`. */
  readonly columns: readonly Flow[];
  /** As far as the text tells them; of the columns, where it is complete. */
  readonly names: readonly string[];
  /** Otherwise there are columns that the text does not tell, and these are what all of them may hold. */
  readonly isComplete: boolean;
}

export interface AnalysedStatement {
  /** The slice of the text that is this statement. */
  readonly text: string;
  /** The statement's own command. */
  readonly facts: PostgresFacts;
  /** Every command in it, `facts` first: each must be decided and the strictest verdict holds. */
  readonly judged: readonly PostgresFacts[];
  readonly copy: 'in' | 'out' | null;
  /** Of COPY TO: how its rows are written, if they can be taken apart. */
  readonly copyLayout: CopyLayout | undefined;
  readonly transaction: Transaction | null;
  /** DDL, or anything else after which the catalog must be read again. */
  readonly changesCatalog: boolean;
  /** PREPARE or DECLARE: uses, result and the like are those of the query that comes to stand under the name. */
  readonly defines: DefinedName | undefined;
  /** EXECUTE, FETCH or MOVE: what an earlier statement put under the name. */
  readonly runs: RunName | undefined;
  /**
   * It runs code that may change how later text is read (DO, CALL, a function that is not reviewed): until the server has reported its settings
   * again, treat them as unproven for what follows in the same pipeline.
   */
  readonly mayChangeSettings: boolean;
  /** A relation or column that the catalog does not know: refresh it, then analyse again. */
  readonly unknownRelation: boolean;
  readonly uses: ColumnUses;
  readonly result: ResultShape;
  /** How masks in force judge it: the strictest class of the commands in it. */
  readonly maskClass: MaskClass;
  /** Like the facts, but of the whole statement and never cut off. */
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** Relations read or changed that the catalog does not know. */
  readonly unknown: ReadonlySet<string>;
  /** Operators without their schema, for example `=`. */
  readonly operators: ReadonlySet<string>;
  /** Types of casts without their schema. */
  readonly casts: ReadonlySet<string>;
  /** Offsets, in bytes of the text, of the constants whose values all of this depends on. */
  readonly consulted: ReadonlySet<number>;
}

export interface Analysed {
  readonly kind: 'analysed';
  /** Empty for text that holds no statement. */
  readonly statements: readonly AnalysedStatement[];
}

/** As the server reports them by ParameterStatus; undefined is unproven. */
export interface LexerSettings {
  readonly standardConformingStrings: string | undefined;
  readonly clientEncoding: string | undefined;
}

export interface AnalyseOptions {
  readonly settings: LexerSettings;
  /** Limit `statementBytesMax`. */
  readonly statementBytesMax: number;
}
