// The state of one statement's analysis, and how facts are added to it.

import type { FuncCall, Node, SelectStmt } from 'libpg-query';

import type { Catalog, Relation } from '../catalog.ts';
import type { MaskClass } from '../commands.ts';
import type {
  PostgresFacts,
  Refused,
  RelationFact,
  Transaction,
  DefinedName,
  RunName,
  SoFarFacts,
} from '../types.ts';
import type { Consulted } from './constants.ts';
import type { CopyLayout } from './copy-layout.ts';
import type { Flow } from './flow.ts';
import type { Cte, Output, Scope } from './scope.ts';

/** More of one sort than this and the facts are marked as truncated. */
export const factsMax = { relations: 200, columns: 500, functions: 200 } as const;

/** Names looked up against names in scope, over one statement: some tens of milliseconds. */
const lookupsMax = 200_000;

export type Access = RelationFact['access'];

/** What an expression comes to. */
export interface Value {
  readonly flow: Flow;
  /** Computing it neither fails nor takes long, whatever the values in it are. */
  readonly isCalm: boolean;
  /** It is a text, though it is computed. */
  readonly isText?: boolean;
}

/** Facts of one command under construction. What a nested command touches, its parents touch too. */
export interface Draft {
  readonly parent: Draft | undefined;
  command: string;
  where: boolean;
  /** A nested UPDATE or DELETE without WHERE. */
  unguarded: boolean;
  limit: number | null;
  truncated: boolean;
  readonly reads: Set<string>;
  readonly writes: Set<string>;
  readonly columns: Set<string>;
  readonly functions: Set<string>;
}

/** The visitors call each other in a circle; this is how they reach those above them. */
export interface Visitors {
  readonly select: (walk: Walk, scope: Scope, select: SelectStmt) => Output;
  readonly value: (walk: Walk, scope: Scope, node: unknown) => Value;
  /** A statement inside another, with a draft of its own. Returns what RETURNING or the query puts out. */
  readonly nested: (walk: Walk, scope: Scope, node: Node) => Output;
}

export interface Walk {
  readonly catalog: Catalog;
  readonly visitors: Visitors;
  readonly judged: Draft[];
  readonly uses: { readonly inferred: Set<string>; readonly escaped: Set<string> };
  readonly operators: Set<string>;
  readonly casts: Set<string>;
  readonly touched: { readonly [Key in Access]: Set<string> };
  readonly functions: Set<string>;
  readonly unknown: Set<string>;
  readonly consulted: Consulted;
  maskClass: MaskClass;
  draft: Draft;
  lookups: number;
  copy: 'in' | 'out' | null;
  copyLayout: CopyLayout | undefined;
  transaction: Transaction | null;
  changesCatalog: boolean;
  defines: DefinedName | undefined;
  runs: RunName | undefined;
  unknownRelation: boolean;
  mayChangeSettings: boolean;
  /** The one call of pg_dump's form `set_config(name, …) FROM pg_settings WHERE name = …`. */
  dumped: { readonly call: FuncCall; readonly name: string } | undefined;
  refused: Refused | undefined;
}

export function openDraft(parent: Draft | undefined): Draft {
  return {
    parent,
    command: '',
    where: false,
    unguarded: false,
    limit: null,
    truncated: false,
    reads: new Set(),
    writes: new Set(),
    columns: new Set(),
    functions: new Set(),
  };
}

export function newWalk(catalog: Catalog, visitors: Visitors): Walk {
  const draft = openDraft(undefined);
  return {
    catalog,
    visitors,
    judged: [draft],
    uses: { inferred: new Set(), escaped: new Set() },
    operators: new Set(),
    casts: new Set(),
    touched: { read: new Set(), write: new Set() },
    functions: new Set(),
    unknown: new Set(),
    consulted: new Set(),
    maskClass: 'harmless',
    draft,
    lookups: 0,
    copy: null,
    copyLayout: undefined,
    transaction: null,
    changesCatalog: false,
    defines: undefined,
    runs: undefined,
    unknownRelation: false,
    mayChangeSettings: false,
    dumped: undefined,
    refused: undefined,
  };
}

/** Thousands of names over thousands of tables are quadratic: throws RangeError where that would block others. */
export function spend(walk: Walk, lookups: number): void {
  walk.lookups += lookups;
  if (walk.lookups > lookupsMax) throw new RangeError('too many names');
}

/** The CTE that an unqualified name means. */
export function cteOf(walk: Walk, scope: Scope, name: string): Cte | undefined {
  let lookups = 0;
  let cte = scope.ctes;
  for (; cte !== undefined && cte.name !== name; cte = cte.next) lookups += 1;
  spend(walk, lookups);
  return cte;
}

/** Only the first refusal counts. */
export function refuse(walk: Walk, refused: Omit<Refused, 'kind'>): void {
  walk.refused ??= { kind: 'refused', ...refused };
}

type Sort = keyof typeof factsMax;

function add(walk: Walk, sort: Sort, pick: (draft: Draft) => Set<string>, name: string): void {
  for (let draft: Draft | undefined = walk.draft; draft !== undefined; draft = draft.parent) {
    const names = pick(draft);
    if (names.size < factsMax[sort]) names.add(name);
    else if (!names.has(name)) draft.truncated = true;
  }
}

const reads = (draft: Draft): Set<string> => draft.reads;
const writes = (draft: Draft): Set<string> => draft.writes;
const columns = (draft: Draft): Set<string> => draft.columns;
const functions = (draft: Draft): Set<string> => draft.functions;

export function addRelation(walk: Walk, name: string, access: Access): void {
  walk.touched[access].add(name);
  add(walk, 'relations', access === 'read' ? reads : writes, name);
}

export function addFunction(walk: Walk, name: string): void {
  walk.functions.add(name);
  add(walk, 'functions', functions, name);
}

export function noteUnknown(walk: Walk, name: string): void {
  walk.unknownRelation = true;
  walk.unknown.add(name);
}

/** One column, or `*`, of a relation is read: a fact. Returns its key. */
export function readColumn(
  walk: Walk,
  relation: Pick<Relation, 'qualified'>,
  column: string,
): string {
  // RETURNING, WHERE and the like read the relation that they write.
  addRelation(walk, relation.qualified, 'read');
  return writeColumn(walk, relation, column);
}

/** One column, or `*`, is only assigned. */
export function writeColumn(
  walk: Walk,
  relation: Pick<Relation, 'qualified'>,
  column: string,
): string {
  const key = `${relation.qualified}.${column}`;
  noteColumn(walk, key);
  return key;
}

export function noteColumn(walk: Walk, key: string): void {
  add(walk, 'columns', columns, key);
}

/** Which rows there are, their order or an error will tell of the value. */
export function infer(walk: Walk, flow: Flow): void {
  spend(walk, flow.size);
  for (const key of flow.keys()) walk.uses.inferred.add(key);
}

/** The value goes where no mask reaches it. */
export function escape(walk: Walk, flow: Flow): void {
  spend(walk, flow.size);
  for (const key of flow.keys()) walk.uses.escaped.add(key);
}

export function finish(draft: Draft): PostgresFacts {
  const relation =
    (access: Access) =>
    (name: string): RelationFact => ({ name, access });
  const relations = [
    ...[...draft.reads].map(relation('read')),
    ...[...draft.writes].map(relation('write')),
  ];
  if (relations.length > 1) relations.sort(byName);
  return {
    command: draft.command,
    relations: relations.slice(0, factsMax.relations),
    columns: sorted(draft.columns),
    functions: sorted(draft.functions),
    where: draft.where && !draft.unguarded,
    limit: draft.limit,
    truncated: draft.truncated || relations.length > factsMax.relations,
    ...justBegun,
  };
}

const justBegun: SoFarFacts = {
  transaction: 'idle',
  so_far: { rows: 0, refused: 0, failed: 0, relations: [] },
};

const byName = (one: RelationFact, other: RelationFact): number =>
  one.name === other.name ? one.access.localeCompare(other.access) : one.name < other.name ? -1 : 1;

const sorted = (names: ReadonlySet<string>): readonly string[] =>
  names.size < 2 ? [...names] : [...names].sort();
