// `input.statement.rpc`: JSON-RPC 2.0 calls, alone or in a batch, and the messages of MCP.

import type { Json, JsonObject } from '#engine/model';

import { evidenceText } from './evidence-text.ts';
import { withinFactsBound } from './facts-size.ts';
import { isObject, member } from './json-members.ts';
import { mcpSubject } from './mcp.ts';
import { isJsonType, readMediaType, requireUtf8 } from './media-type.ts';
import { reading, refusal, type Read } from './refusal.ts';
import { readJson, type JsonOptions } from './strict-json.ts';

export type RpcProtocol = 'json-rpc' | 'mcp';

// A type, not an interface: facts must be assignable to `JsonObject`.
export type RpcFacts = {
  readonly protocol: RpcProtocol;
  /** Empty for an answer to a question that an MCP server asked. */
  readonly method: string;
  /** Asks for no answer. */
  readonly notification: boolean;
  /** As sent; null when there are none. Of an answer: an object with its `result` or `error`. */
  readonly params: Json;
  readonly tool: string;
  readonly resource: string;
};

export interface Call {
  readonly facts: RpcFacts;
  /** The message, at most `evidenceCharactersMax`. */
  readonly text: string;
}

const batchLengthMax = 100;
const requestMembers = new Set(['jsonrpc', 'id', 'method', 'params']);
const answerMembers = new Set(['jsonrpc', 'id', 'result', 'error']);
/** Some servers trim names or end them at a control character; none needs more than printable ASCII. */
const methodSyntax = /^[\x21-\x7e]{1,256}$/;

/** The calls that the server will run, in order; each is to be judged. */
export const readRpc = (
  body: Buffer,
  contentType: string,
  protocol: RpcProtocol,
  options: JsonOptions = {},
): Read<readonly Call[]> =>
  reading(() => {
    const type = readMediaType(contentType);
    if (!isJsonType(type) && type.essence !== 'application/json-rpc') {
      throw refusal('body-content-type');
    }
    requireUtf8(type);
    const document = readJson(body, options);
    return messagesOf(document, protocol).map((message) => callOf(message, protocol));
  });

const messagesOf = (document: Json, protocol: RpcProtocol): readonly Json[] => {
  if (!Array.isArray(document)) return [document];
  // Only 2025-03-26 knew batches; before and after it each message is a request of its own.
  if (protocol === 'mcp') throw refusal('mcp-batch');
  const batch = document as readonly Json[];
  if (batch.length === 0 || batch.length > batchLengthMax) {
    throw refusal('batch-length', `${batch.length}, at most ${batchLengthMax}`);
  }
  return batch;
};

const callOf = (message: Json, protocol: RpcProtocol): Call => {
  if (!isObject(message) || member(message, 'jsonrpc') !== '2.0') throw refusal('rpc-message');
  const isAnswer = protocol === 'mcp' && !Object.hasOwn(message, 'method');
  const facts = isAnswer ? answerFacts(message) : requestFacts(message, protocol);
  return { facts: withinFactsBound(facts), text: evidenceText(JSON.stringify(message)) };
};

const requireMembers = (message: JsonObject, allowed: ReadonlySet<string>): void => {
  if (Object.keys(message).some((name) => !allowed.has(name))) throw refusal('rpc-message');
};

const requestFacts = (message: JsonObject, protocol: RpcProtocol): RpcFacts => {
  requireMembers(message, requestMembers);
  const method = member(message, 'method');
  if (typeof method !== 'string' || !methodSyntax.test(method)) throw refusal('rpc-method');
  const params = member(message, 'params');
  // Some clients write null for none, and servers take it for that.
  if (typeof (params ?? {}) !== 'object') throw refusal('rpc-params', 'neither object nor array');
  const hasId = isIdentified(message);
  const subject =
    protocol === 'mcp'
      ? mcpSubject(method, params ?? undefined, hasId)
      : { tool: '', resource: '' };
  return { protocol, method, notification: !hasId, params: params ?? null, ...subject };
};

/** Without an id it is a notification. Null is an id to some servers and none to others. */
const isIdentified = (message: JsonObject): boolean => {
  const id = member(message, 'id');
  if (id === undefined) return false;
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) throw refusal('rpc-id');
  return true;
};

/** Until 2025-11-25 the client answers what the server asks, such as a sampling or an elicitation, by POST. */
const answerFacts = (message: JsonObject): RpcFacts => {
  requireMembers(message, answerMembers);
  const outcomes = Object.entries(message).filter(([name]) => !requestMembers.has(name));
  if (outcomes.length !== 1) throw refusal('rpc-message', 'no result or error alone');
  const params = Object.fromEntries(outcomes);
  // An error about a question that could not be read has no id to repeat.
  if (!isIdentified(message) && Object.hasOwn(params, 'result')) throw refusal('rpc-id');
  return { protocol: 'mcp', method: '', notification: true, params, tool: '', resource: '' };
};
