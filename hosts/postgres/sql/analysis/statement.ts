// One statement by its node: dispatch to the visitor that knows it, with a draft of facts of its own.

import type {
  AlterSystemStmt,
  CommentStmt,
  DeclareCursorStmt,
  ExecuteStmt,
  Node,
  SelectStmt,
} from 'libpg-query';

import { commands, objectName } from '../commands.ts';
import type { DefinedName, RunName } from '../types.ts';
import { isFields, stringsOf, tagOf } from './ast.ts';
import type { Fields } from './ast.ts';
import { visitDelete, visitInsert, visitMerge, visitUpdate } from './dml.ts';
import { visitValue } from './expression.ts';
import { escapeFrom } from './values.ts';
import { noFlow } from './flow.ts';
import type { Output, Scope } from './scope.ts';
import { noOutput, totalFlow, unknownOutput } from './scope.ts';
import { hasWhere, intoOf, limitOf, visitSelect } from './select.ts';
import { noteDefinition, noteSet, dumpedSetting } from './settings.ts';
import {
  addCreated,
  addNamed,
  visitCopy,
  visitCreateTableAs,
  visitDefinition,
  visitDrop,
  visitTransaction,
  visitWrapper,
} from './utility.ts';
import { addFunction, escape, openDraft, refuse } from './walk.ts';
import type { Visitors, Walk } from './walk.ts';

export const visitors: Visitors = {
  select: visitSelect,
  value: visitValue,
  nested: (walk, scope, node) => {
    const outer = walk.draft;
    walk.draft = openDraft(outer);
    walk.judged.push(walk.draft);
    const output = visitStatement(walk, scope, node);
    walk.draft = outer;
    return output;
  },
};

const strictness = { harmless: 0, uses: 1, definition: 2, opaque: 3 };

/** Visits a statement into the current draft. */
export function visitStatement(walk: Walk, scope: Scope, node: Node): Output {
  const tag = tagOf(node) ?? '';
  const fields = (node as Fields)[tag];
  const command = commands[tag];
  if (command === undefined || !isFields(fields)) {
    refuse(walk, {
      code: 'statement-unsupported',
      message: `the gateway does not know this kind of statement (${tag})`,
    });
    return noOutput;
  }
  walk.draft.command = command.name.replace('*', objectWords(fields));
  const masks = isRenameOfMany(tag, fields) ? 'opaque' : command.masks;
  if (strictness[masks] > strictness[walk.maskClass]) walk.maskClass = masks;
  if (command.masks === 'definition' || command.masks === 'opaque' || tag === 'DropStmt') {
    walk.changesCatalog = true;
  }
  switch (tag) {
    case 'SelectStmt':
      return visitQuery(walk, scope, fields);
    case 'InsertStmt':
      return visitInsert(walk, scope, fields);
    case 'UpdateStmt':
      return visitUpdate(walk, scope, fields);
    case 'DeleteStmt':
      return visitDelete(walk, scope, fields);
    case 'MergeStmt':
      return visitMerge(walk, scope, fields);
    default:
      return visitOther(walk, scope, tag, fields);
  }
}

// A schema's new name moves all its relations away from the rules that mask them.
const isRenameOfMany = (tag: string, fields: Fields): boolean =>
  tag === 'RenameStmt' &&
  ![
    'OBJECT_TABLE',
    'OBJECT_COLUMN',
    'OBJECT_INDEX',
    'OBJECT_SEQUENCE',
    'OBJECT_TABCONSTRAINT',
  ].includes(String(fields['renameType']));

function visitQuery(walk: Walk, scope: Scope, select: SelectStmt): Output {
  const into = intoOf(select);
  walk.draft.where = hasWhere(select);
  walk.draft.limit = limitOf(walk, select);
  walk.dumped = dumpedSetting(walk, select);
  if (into === undefined) return visitSelect(walk, scope, select);
  walk.draft.command = 'SELECT INTO';
  walk.changesCatalog = true;
  addCreated(walk, into.rel);
  escape(walk, totalFlow(visitSelect(walk, scope, select)));
  return noOutput;
}

function visitOther(walk: Walk, scope: Scope, tag: string, fields: Fields): Output {
  switch (tag) {
    case 'CopyStmt':
      return visitCopy(walk, scope, fields);
    case 'ExplainStmt':
      walk.changesCatalog = false;
      visitWrapper(walk, scope, fields['query'] as Node | undefined);
      // A plan names columns and holds none of their values.
      return unknownOutput(noFlow);
    case 'PrepareStmt':
    case 'DeclareCursorStmt':
      return visitNamed(walk, scope, tag, fields);
    default:
      visitCommand(walk, scope, tag, fields);
      return unknownOutput(noFlow);
  }
}

/** `DeclareCursorStmt.options`: CURSOR_OPT_HOLD of parsenodes.h. */
const withHold = 0x20;

/** PREPARE and DECLARE: what the query in it puts out, whoever runs it. */
function visitNamed(walk: Walk, scope: Scope, tag: string, fields: Fields): Output {
  // EXPLAIN shows how a cursor's query would run, and declares none.
  if (walk.draft.parent === undefined) walk.defines = definedName(tag, fields);
  return visitWrapper(walk, scope, fields['query'] as Node | undefined);
}

function definedName(tag: string, fields: Fields): DefinedName {
  if (tag === 'PrepareStmt') {
    return { kind: 'prepared', name: String(fields['name']), outlives: true };
  }
  const { portalname = '', options = 0 } = fields as DeclareCursorStmt;
  return { kind: 'cursor', name: portalname, outlives: (options & withHold) !== 0 };
}

const runName = (walk: Walk, kind: RunName['kind'], name: unknown): RunName => ({
  kind,
  name: String(name),
  isNested: walk.draft.parent !== undefined,
});

function visitCommand(walk: Walk, scope: Scope, tag: string, fields: Fields): void {
  switch (tag) {
    case 'CreateTableAsStmt':
      walk.changesCatalog = true;
      visitCreateTableAs(walk, scope, fields);
      return;
    case 'ExecuteStmt':
      walk.runs = runName(walk, 'prepared', fields['name']);
      for (const value of (fields as ExecuteStmt).params ?? []) escapeFrom(walk, scope, value);
      return;
    case 'TransactionStmt':
      visitTransaction(walk, fields);
      return;
    case 'FetchStmt':
      walk.runs = runName(walk, 'cursor', fields['portalname']);
      if (fields['ismove'] === true) walk.draft.command = 'MOVE';
      return;
    case 'VariableSetStmt':
      noteSet(walk, fields, false);
      if (String(fields['kind']).startsWith('VAR_RESET')) walk.draft.command = 'RESET';
      return;
    case 'DropStmt':
      visitDrop(walk, fields);
      return;
    case 'CommentStmt':
    case 'SecLabelStmt':
      addNamed(walk, String(fields['objtype']), (fields as CommentStmt).object);
      return;
    default:
      visitDefined(walk, scope, tag, fields);
  }
}

function visitDefined(walk: Walk, scope: Scope, tag: string, fields: Fields): void {
  if (tag === 'AlterRoleSetStmt' || tag === 'AlterDatabaseSetStmt' || tag === 'AlterSystemStmt') {
    noteSet(walk, (fields as AlterSystemStmt).setstmt ?? {}, true);
    return;
  }
  if (tag === 'DoStmt' || tag === 'CallStmt') walk.mayChangeSettings = true;
  if (tag === 'GrantStmt' && fields['is_grant'] !== true) walk.draft.command = 'REVOKE';
  if (tag === 'VacuumStmt' && fields['is_vacuumcmd'] !== true) walk.draft.command = 'ANALYZE';
  if (tag === 'CreateFunctionStmt' && fields['is_procedure'] === true) {
    walk.draft.command = 'CREATE PROCEDURE';
  }
  if (tag === 'CallStmt') escapeFrom(walk, scope, { FuncCall: fields['funccall'] });
  if (tag === 'CreateTrigStmt')
    addFunction(walk, stringsOf(fields['funcname'] as Node[]).join('.'));
  for (const option of Array.isArray(fields['options']) ? (fields['options'] as Node[]) : []) {
    if ('DefElem' in option) noteDefinition(walk, option.DefElem);
  }
  visitDefinition(walk, scope, fields);
}

// What a DROP, ALTER or CREATE is about, from the field that the node keeps it in.
function objectWords(fields: Fields): string {
  for (const key of ['removeType', 'renameType', 'objectType', 'objtype', 'kind']) {
    const type = fields[key];
    if (typeof type === 'string' && type.startsWith('OBJECT_')) return objectName(type);
  }
  return 'TABLE';
}
