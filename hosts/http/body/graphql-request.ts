// GraphQL over HTTP: the requests in a POST body or a query string.

import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';

import type { Json, JsonObject } from '#engine/model';

import { isObject, member } from './json-members.ts';
import { readMediaType, requireUtf8 } from './media-type.ts';
import { refusal } from './refusal.ts';
import { readJson, readJsonText } from './strict-json.ts';

export interface GraphqlHttpRequest {
  /** In upper case. */
  readonly method: string;
  /** The header's value; empty when there is none. */
  readonly contentType: string;
  /** Whole and not encoded; undefined when there is none. */
  readonly body: Buffer | undefined;
  /** Of the canonical target, decoded once. */
  readonly query: readonly { readonly name: string; readonly value: string }[];
}

/** One document with what chooses and feeds an operation of it. */
export interface GraphqlParameters {
  readonly query: string;
  /** Undefined when absent, null or empty: servers take the empty name for none, or for no operation at all. */
  readonly operationName: string | undefined;
  readonly variables: JsonObject | undefined;
}

const batchLengthMax = 100;
const names = ['query', 'operationName', 'variables', 'extensions'];
/** Servers merge these from the query string into a body's, or take them for the name of a stored document. */
const reserved = new Set(
  [...names, 'id', 'docId', 'doc_id', 'documentId', 'queryId', 'hash', 'sha256Hash'].map((name) =>
    name.toLowerCase(),
  ),
);

/** One for each entry of a batch, in order. */
export const graphqlParameters = (request: GraphqlHttpRequest): readonly GraphqlParameters[] => {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return [fromQuery(request)];
    case 'POST':
      requireNoneInQuery(request);
      return fromBody(request);
    default:
      throw refusal('graphql-method');
  }
};

/** `filter[x]` is the member x of a filter to some servers, so it counts as that name. */
const baseName = (name: string): string => name.toLowerCase().split(/[[.]/, 1)[0]?.trim() ?? '';

const requireNoneInQuery = ({ query }: GraphqlHttpRequest): void => {
  if (query.some(({ name }) => reserved.has(baseName(name)))) {
    throw refusal('graphql-parameters', 'in the query string of a POST');
  }
};

const fromQuery = ({ query, body }: GraphqlHttpRequest): GraphqlParameters => {
  if (body !== undefined && body.length > 0) throw refusal('graphql-method', 'GET with a body');
  const members: Record<string, Json> = {};
  for (const { name, value } of query) {
    if (!reserved.has(baseName(name))) continue;
    if (!names.includes(name) || Object.hasOwn(members, name)) throw refusal('graphql-parameters');
    const isMap = name === 'variables' || name === 'extensions';
    members[name] = isMap && value !== '' ? readJsonText(value) : value === '' ? null : value;
  }
  return fromMembers(members);
};

const fromBody = ({ contentType, body }: GraphqlHttpRequest): readonly GraphqlParameters[] => {
  const type = readMediaType(contentType);
  requireUtf8(type);
  const bytes = body ?? Buffer.alloc(0);
  if (type.essence === 'application/graphql') {
    if (!isUtf8(bytes)) throw refusal('body-charset');
    return [{ query: bytes.toString('utf8'), operationName: undefined, variables: undefined }];
  }
  if (type.essence !== 'application/json') throw refusal('body-content-type');
  const document = readJson(bytes);
  if (!Array.isArray(document)) return [fromMembers(document)];
  const batch = document as readonly Json[];
  if (batch.length === 0 || batch.length > batchLengthMax) {
    throw refusal('batch-length', `${batch.length}, at most ${batchLengthMax}`);
  }
  return batch.map(fromMembers);
};

const fromMembers = (members: Json): GraphqlParameters => {
  if (!isObject(members) || Object.keys(members).some((name) => !names.includes(name))) {
    throw refusal('graphql-parameters');
  }
  const operationName = member(members, 'operationName') ?? '';
  if (typeof operationName !== 'string') throw refusal('graphql-parameters', 'operationName');
  const variables = mapOf(members, 'variables');
  const query = documentOf(member(members, 'query'), mapOf(members, 'extensions'));
  return { query, operationName: operationName === '' ? undefined : operationName, variables };
};

const mapOf = (members: JsonObject, name: string): JsonObject | undefined => {
  const map = member(members, name) ?? undefined;
  if (map !== undefined && !isObject(map)) throw refusal('graphql-parameters', name);
  return map;
};

/**
 * A client that stores its document sends it with its hash first. Where they differ, a server that looks the hash up
 * would run another document than the one that is judged.
 */
const documentOf = (query: Json | undefined, extensions: JsonObject = {}): string => {
  const persisted = member(extensions, 'persistedQuery') ?? undefined;
  if (typeof query !== 'string' || query === '') {
    throw refusal(persisted === undefined ? 'graphql-parameters' : 'graphql-persisted');
  }
  if (persisted === undefined) return query;
  const hash = createHash('sha256').update(query).digest('hex');
  if (!isObject(persisted) || member(persisted, 'sha256Hash') !== hash) {
    throw refusal('graphql-persisted', 'the hash is not the document’s');
  }
  return query;
};
