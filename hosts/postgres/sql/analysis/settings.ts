// Settings that change how the server reads later text, or who the gateway is to it. Statements that set them
// to anything but the safe value are refused: no policy could be trusted after them.

import type { DefElem, FuncCall, Node, SelectStmt, VariableSetStmt } from 'libpg-query';

import type { LexerSettings } from '../types.ts';
import { only, stringOf, stringsOf } from './ast.ts';
import { constantOf } from './constants.ts';
import type { Walk } from './walk.ts';
import { refuse } from './walk.ts';

// The server's own spelling comes first: it is asked about at every statement.
const isOn = (value: string): boolean =>
  value === 'on' || /^(on|t|tr|tru|true|y|ye|yes|1)$/i.test(value.trim());

// PostgreSQL ignores case and punctuation in encoding names, and calls UTF8 also UNICODE.
const isUtf8 = (value: string): boolean =>
  value === 'UTF8' || /^(utf8|unicode)$/.test(value.toLowerCase().replace(/[^a-z0-9]/g, ''));

const lexerSettings: Readonly<Record<string, (value: string) => boolean>> = {
  standard_conforming_strings: isOn,
  client_encoding: isUtf8,
};

const identitySettings = new Set(['role', 'session_authorization']);

/** True if both settings are proven to be those that the parser assumes. */
export const provenSafe = (settings: LexerSettings): boolean =>
  settings.standardConformingStrings !== undefined &&
  isOn(settings.standardConformingStrings) &&
  settings.clientEncoding !== undefined &&
  isUtf8(settings.clientEncoding);

function judge(walk: Walk, name: string | undefined, value: string | undefined): void {
  const setting = name?.toLowerCase();
  if (setting === undefined) {
    refuse(walk, {
      code: 'statement-ambiguous',
      message: 'the name of the setting is computed, so it cannot be judged',
      hint: 'give set_config a constant name',
    });
    return;
  }
  if (identitySettings.has(setting)) {
    refuse(walk, {
      code: 'statement-unsupported',
      message: `the ${setting} cannot be changed through the gateway`,
      hint: 'ask for a target whose credential has the role that you need',
    });
    return;
  }
  const isSafe = lexerSettings[setting];
  if (isSafe === undefined || (value !== undefined && isSafe(value))) return;
  refuse(walk, {
    code: 'statement-ambiguous',
    message: `another ${setting} would let the target read statements differently than the gateway`,
    hint:
      setting === 'client_encoding'
        ? 'keep client_encoding at UTF8'
        : 'keep standard_conforming_strings on',
  });
}

/**
 * SET and RESET, also inside ALTER ROLE, DATABASE and SYSTEM. A return to the default is the session's start-up
 * value, which the host sends as the safe one.
 */
export function noteSet(walk: Walk, set: VariableSetStmt, persistent: boolean): void {
  if (set.kind === 'VAR_RESET_ALL') return;
  if (set.kind === 'VAR_SET_MULTI') return;
  const name = set.name ?? '';
  const toDefault = set.kind === 'VAR_RESET' || set.kind === 'VAR_SET_DEFAULT';
  if (toDefault && (persistent || !identitySettings.has(name.toLowerCase()))) return;
  const values = (set.args ?? []).map((value) => constantOf(value, walk));
  judge(walk, name, values.length === 1 ? values[0] : undefined);
}

/** The form in which pg_dump sets what it may not exist: the name is a constant of the WHERE clause. */
function dumpsName(walk: Walk, select: SelectStmt): string | undefined {
  const from = select.fromClause ?? [];
  const table = only(from[0], 'RangeVar');
  const where = only(select.whereClause, 'A_Expr');
  const ours =
    from.length === 1 &&
    table?.relname === 'pg_settings' &&
    table.alias === undefined &&
    where?.kind === 'AEXPR_OP' &&
    stringsOf(where.name).join() === '=' &&
    isNameColumn(where.lexpr);
  return ours ? constantOf(where.rexpr, walk) : undefined;
}

const isNameColumn = (node: Node | undefined): boolean => {
  const fields = only(node, 'ColumnRef')?.fields;
  return fields?.length === 1 && stringOf(fields[0]) === 'name';
};

/** Calls of set_config anywhere but as pg_dump's known form. */
export function noteSetConfig(walk: Walk, call: FuncCall): void {
  const [name, value] = call.args ?? [];
  const { dumped } = walk;
  const known = dumped !== undefined && dumped.call === call ? dumped.name : undefined;
  judge(walk, constantOf(name, walk) ?? known, constantOf(value, walk));
}

/** Before a SELECT is walked: the call in it that has pg_dump's form, and the name that it stands for. */
export function dumpedSetting(walk: Walk, select: SelectStmt): Walk['dumped'] {
  const [target, ...others] = select.targetList ?? [];
  const call = only(only(target, 'ResTarget')?.val, 'FuncCall');
  if (others.length > 0 || call === undefined) return undefined;
  const name = isNameColumn(call.args?.[0]) ? dumpsName(walk, select) : undefined;
  return name === undefined ? undefined : { call, name };
}

/** Options of the form `SET client_encoding` hidden in other statements: ALTER SYSTEM, ALTER FUNCTION … SET. */
export function noteDefinition(walk: Walk, option: DefElem): void {
  const set = only(option.arg, 'VariableSetStmt');
  if (set !== undefined) noteSet(walk, set, true);
}
