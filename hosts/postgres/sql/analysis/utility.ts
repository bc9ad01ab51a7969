// Statements that are neither query nor row change: names of what they define, and the queries inside them.

import type {
  CopyStmt,
  CreateTableAsStmt,
  DropStmt,
  Node,
  RangeVar,
  TransactionStmt,
} from 'libpg-query';

import { objectName, transactionKinds } from '../commands.ts';
import { isFields, isRangeVar, only, stringsOf, tagOf } from './ast.ts';
import type { Fields } from './ast.ts';
import { copyLayoutOf } from './copy-layout.ts';
import { useReference, useRow, useWritten } from './columns.ts';
import { escapeFrom, inferFrom } from './values.ts';
import { relationEntry } from './from.ts';
import type { BaseEntry, Output, Scope } from './scope.ts';
import {
  candidatesOf,
  isKnown,
  noOutput,
  totalFlow,
  unknownRelation,
  visibleColumns,
} from './scope.ts';
import { addRelation, escape, refuse } from './walk.ts';
import type { Walk } from './walk.ts';

export function visitCopy(walk: Walk, scope: Scope, copy: CopyStmt): Output {
  if (copy.is_program === true || copy.filename !== undefined) {
    refuse(walk, {
      code: 'statement-unsupported',
      message: 'COPY may not use files or programs of the server',
      hint: 'use COPY … FROM STDIN or TO STDOUT',
    });
    return noOutput;
  }
  walk.copy = copy.is_from === true ? 'in' : 'out';
  if (walk.copy === 'out') walk.copyLayout = copyLayoutOf(copy.options);
  if (copy.query !== undefined) {
    const output = walk.visitors.nested(walk, scope, copy.query);
    walk.draft.where = lastWhere(walk);
    return output;
  }
  if (copy.relation === undefined) return noOutput;
  const entry = relationEntry(walk, copy.relation, copy.is_from === true ? 'write' : 'read');
  if (copy.is_from === true) {
    const names = copy.attlist === undefined ? ['*'] : stringsOf(copy.attlist);
    for (const name of names) useWritten(walk, entry, name);
    inferFrom(walk, { ...scope, entries: [entry] }, copy.whereClause);
    return noOutput;
  }
  return copiedColumns(walk, entry, copy.attlist);
}

/** The columns of `COPY t (a, b) TO`; without a list, all that are not generated. */
function copiedColumns(walk: Walk, entry: BaseEntry, list: readonly Node[] | undefined): Output {
  const level: Scope = { outer: undefined, entries: [entry], ctes: undefined };
  if (list !== undefined) {
    const names = stringsOf(list);
    const flows = list.map((field) => useReference(walk, level, { fields: [field] }));
    return { ...noOutput, names, flows };
  }
  const [relation] = entry.candidates;
  const output = visibleColumns(entry);
  useRow(walk, entry);
  if (relation === undefined || !isKnown(relation) || !output.complete) return output;
  const isCopied = relation.columns.map((column) => !column.isGenerated);
  return {
    ...noOutput,
    names: output.names.filter((_, at) => isCopied[at]),
    flows: output.flows.filter((_, at) => isCopied[at]),
  };
}

/** The WHERE of a wrapper such as EXPLAIN is that of the command in it. */
const lastWhere = (walk: Walk): boolean =>
  walk.judged.find((draft) => draft.parent === walk.draft)?.where ?? false;

/** EXPLAIN, DECLARE, PREPARE and the like: the inner command is judged too. Answers what it would put out. */
export function visitWrapper(walk: Walk, scope: Scope, query: Node | undefined): Output {
  if (query === undefined) return noOutput;
  const output = walk.visitors.nested(walk, scope, query);
  walk.draft.where = lastWhere(walk);
  return output;
}

export function visitCreateTableAs(walk: Walk, scope: Scope, create: CreateTableAsStmt): void {
  walk.draft.command = `CREATE ${objectName(create.objtype ?? 'OBJECT_TABLE')} AS`;
  if (create.objtype === 'OBJECT_MATVIEW') walk.draft.command = 'CREATE MATERIALIZED VIEW';
  addCreated(walk, create.into?.rel);
  escape(walk, totalFlow(visitWrapper(walk, scope, create.query)));
}

/** A relation that does not exist yet may be created in any schema of its name, or in the first: public. */
export function addCreated(walk: Walk, name: RangeVar | undefined): void {
  if (name === undefined) return;
  const schema = name.relpersistence === 't' ? 'pg_temp' : (name.schemaname ?? 'public');
  addRelation(walk, unknownRelation(schema, name.relname ?? '').qualified, 'write');
  if (name.relpersistence === 't') return;
  for (const candidate of candidatesOf(walk.catalog, name)) {
    addRelation(walk, candidate.qualified, 'write');
  }
}

export function visitTransaction(walk: Walk, transaction: TransactionStmt): void {
  const [command, change] = transactionKinds[transaction.kind ?? 'TRANS_STMT_BEGIN'];
  walk.draft.command = command;
  walk.transaction = change;
}

// Objects named by a list of words that belong to a relation: all words but the last are its name.
const partsOfRelations = new Set([
  'OBJECT_TRIGGER',
  'OBJECT_RULE',
  'OBJECT_POLICY',
  'OBJECT_COLUMN',
  'OBJECT_TABCONSTRAINT',
]);
const relationTypes = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_SEQUENCE',
]);

export function visitDrop(walk: Walk, drop: DropStmt): void {
  for (const object of drop.objects ?? []) addNamed(walk, drop.removeType ?? '', object);
}

/** A relation named by a list of strings: DROP, COMMENT, SECURITY LABEL. */
export function addNamed(walk: Walk, type: string, object: Node | undefined): void {
  const words = stringsOf(only(object, 'List')?.items);
  const part = partsOfRelations.has(type);
  if (!part && !relationTypes.has(type)) return;
  const name = part ? words.slice(0, -1) : words;
  const relname = name.at(-1);
  if (relname === undefined) return;
  const schemaname = name.at(-2);
  const table = schemaname === undefined ? { relname } : { relname, schemaname };
  for (const candidate of candidatesOf(walk.catalog, table)) {
    addRelation(walk, candidate.qualified, 'write');
  }
}

// Relations under these keys are looked at, not changed.
const readKeys = new Set(['pktable', 'inhRelations', 'TableLikeClause']);

/** Any other statement: its relations are written, its expressions, queries and nested statements visited. */
export function visitDefinition(walk: Walk, scope: Scope, fields: Fields): void {
  visitFields(walk, scope, fields, 'write');
}

function visitFields(walk: Walk, scope: Scope, fields: Fields, access: 'read' | 'write'): void {
  for (const key in fields) {
    const child = fields[key];
    const inner = readKeys.has(key) ? 'read' : access;
    for (const item of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isFields(item)) visitPart(walk, scope, item, inner);
    }
  }
}

// Tags whose content is an expression or a statement rather than more of the definition.
const expressions = new Set(['ColumnRef', 'A_Expr', 'FuncCall', 'TypeCast', 'SubLink']);

/** Called statements by the grammar, though they are only ever a part of one. */
const partsOnly = new Set(['VariableSetStmt', 'ReplicaIdentityStmt']);

function visitPart(walk: Walk, scope: Scope, item: Fields, access: 'read' | 'write'): void {
  const tag = tagOf(item);
  const fields = tag === undefined ? item : (item[tag] as Fields);
  if (isRangeVar(fields)) {
    if (access === 'write') addCreatedOrKnown(walk, fields);
    else
      for (const found of candidatesOf(walk.catalog, fields))
        addRelation(walk, found.qualified, 'read');
  } else if (tag === undefined || !isFields(fields)) {
    visitFields(walk, scope, fields, access);
  } else if (expressions.has(tag)) {
    escapeFrom(walk, scope, item);
  } else if (tag.endsWith('Stmt') && !partsOnly.has(tag)) {
    escape(walk, totalFlow(walk.visitors.nested(walk, scope, item as unknown as Node)));
  } else {
    visitFields(walk, scope, fields, readKeys.has(tag) ? 'read' : access);
  }
}

function addCreatedOrKnown(walk: Walk, name: RangeVar): void {
  if (walk.draft.command.startsWith('CREATE')) {
    addCreated(walk, name);
    return;
  }
  for (const found of candidatesOf(walk.catalog, name)) addRelation(walk, found.qualified, 'write');
}
