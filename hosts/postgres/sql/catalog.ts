// What a target's database holds, as far as names, origins and masking need it. A plain value: only looked up.

export interface Column {
  readonly attnum: number;
  readonly name: string;
  readonly typeOid: number;
  /** COPY leaves it out. */
  readonly isGenerated: boolean;
}

/** `pg_class.relkind`: table, partitioned table, view, materialised view, foreign table, sequence. */
export type RelationKind = 'r' | 'p' | 'v' | 'm' | 'f' | 'S';

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** `schema.name`, as policies write it. */
  readonly qualified: string;
  readonly kind: RelationKind;
  readonly columns: readonly Column[];
  readonly columnsByName: ReadonlyMap<string, Column>;
  /** Rewrite rules beyond a view's own definition. */
  readonly hasRules: boolean;
  /** Everything joined to it by inheritance or partitioning in either direction, itself included. */
  readonly family: readonly number[];
  /** What its view definition or rules reach, through any number of views. */
  readonly reaches: ReadonlySet<number>;
  /** Its definition calls functions that may read anything. */
  readonly callsFunctions: boolean;
  /** Generated column → columns it is computed from. */
  readonly generated: ReadonlyMap<string, readonly string[]>;
  /** The query of a view or materialised view, in names that need no search_path. */
  readonly definition: string | undefined;
}

export interface Catalog {
  readonly relations: ReadonlyMap<number, Relation>;
  /** By name alone, over all schemas: a search_path is never trusted. */
  readonly byName: ReadonlyMap<string, readonly Relation[]>;
  /** By `schema.name`: several where names hold dots, or for temporary tables of several sessions. */
  readonly byQualified: ReadonlyMap<string, readonly Relation[]>;
  /** Names that are not only built in, and so may mean something else than the built-in. */
  readonly userFunctions: ReadonlySet<string>;
  readonly userOperators: ReadonlySet<string>;
  readonly userCasts: ReadonlySet<string>;
  readonly userTypes: ReadonlySet<string>;
}
