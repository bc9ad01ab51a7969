// What one message of the Model Context Protocol asks for, revisions 2024-11-05 to 2026-07-28, "Streamable HTTP".

import type { Json, JsonObject } from '#engine/model';

import { isObject, member } from './json-members.ts';
import { refusal } from './refusal.ts';
import { foldKey } from './strict-json.ts';

export interface McpSubject {
  /** The tool that tools/call names; empty otherwise. */
  readonly tool: string;
  /** The URI that resources/read, subscribe and unsubscribe name; empty otherwise. */
  readonly resource: string;
}

/** Members that servers read from `params`; some match them without case, and rules do not. */
const paramNames = new Map(
  ['name', 'arguments', 'uri', '_meta', 'inputResponses', 'task', 'ref', 'argument'].map((name) => [
    foldKey(name),
    name,
  ]),
);

const nothing: McpSubject = { tool: '', resource: '' };

/** `hasId`: whether the message asks for an answer; only `notifications/…` ask for none. */
export const mcpSubject = (
  method: string,
  params: Json | undefined,
  hasId: boolean,
): McpSubject => {
  if (method.startsWith('notifications/') === hasId) throw refusal('rpc-id');
  if (params !== undefined && !isObject(params)) throw refusal('rpc-params', 'no object');
  const named = params ?? {};
  for (const key of Object.keys(named)) {
    if ((paramNames.get(foldKey(key)) ?? key) !== key) throw refusal('json-key-case', 'in params');
  }
  switch (method) {
    case 'tools/call':
      return { ...nothing, tool: requiredText(named, 'name') };
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return { ...nothing, resource: requiredText(named, 'uri') };
    default:
      return nothing;
  }
};

const requiredText = (params: JsonObject, name: string): string => {
  const text = member(params, name);
  if (typeof text !== 'string' || text === '') throw refusal('rpc-params', `${name} is no text`);
  return text;
};
