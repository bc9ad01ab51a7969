// From a canonical request to the statements that policies judge (schemas/http.json).

import type { JsonObject, Statement } from '#engine';

import type { BodyFacts, Call, MessageFacts, Operation } from './body/index.ts';
import { grpcPath, isGrpcType } from './wire/grpc/index.ts';
import type { CanonicalRequest } from './wire/index.ts';

/** What of a body is known when its request is judged. */
export type KnownBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'unread' }
  | { readonly kind: 'read'; readonly facts: BodyFacts; readonly bytes: number };

/** Their values open doors, so neither policies nor recordings see them. */
const credentialFields: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key']);

const noOperation = { type: '', name: '', fields: [], paths: [], depth: 0, introspection: false };
const noCall = {
  ...{ protocol: '', method: '', notification: false, params: null, tool: '', resource: '' },
} as const;
const noGrpc = { service: '', method: '' } as const;
const noMessage = { direction: '', type: '', size: 0, json: null } as const;

/** The request as a whole. */
export function requestStatement(request: CanonicalRequest, body: KnownBody): Statement {
  return statement(commonFacts(request, body), textOf(request));
}

/** One operation of a GraphQL request. */
export function operationStatement(
  request: CanonicalRequest,
  body: KnownBody,
  { facts, text }: Operation,
): Statement {
  const graphql = { ...facts };
  return statement(
    { ...commonFacts(request, body), unit: 'operation', graphql },
    `${textOf(request)}\n${text}`,
  );
}

/** One call of a JSON-RPC or MCP request. */
export function callStatement(
  request: CanonicalRequest,
  body: KnownBody,
  { facts, text }: Call,
): Statement {
  const rpc = { ...facts };
  return statement(
    { ...commonFacts(request, body), unit: 'call', rpc },
    `${textOf(request)}\n${text}`,
  );
}

/** One message of a WebSocket that the request opened. */
export function messageStatement(
  request: CanonicalRequest,
  facts: MessageFacts,
  text: string,
): Statement {
  const common = commonFacts(request, { kind: 'none' });
  const message = { ...facts };
  return statement(
    { ...common, unit: 'message', command: 'MESSAGE', message },
    `${textOf(request)}\n${text}`,
  );
}

/** What a person reads of a request: the approver, the auditor. */
export const textOf = ({ method, authority, path, query }: CanonicalRequest): string =>
  `${method} ${authority}${path}${query === undefined ? '' : `?${query}`}`;

/** Of every client's requests, and change nothing that a request does. */
const quietFields =
  /^(accept(-encoding|-language)?|user-agent|date|priority|dnt|referer|origin|trace(parent|state)|x-request-id|sec-.*)$/;
const secretFields = /auth|cookie|credential|csrf|key|passw|secret|session|signature|token/;

/** What else than its line a person should see of a request: fields that could change what it does, but no secrets. */
export const shownFields = ({ fields }: CanonicalRequest): readonly string[] =>
  fields
    .filter(([name]) => !quietFields.test(name))
    .map(([name, value]) => `${name}: ${secretFields.test(name) ? '(not shown)' : value}`);

/** Frozen: equal ones are answered from what was answered before. */
const statement = (facts: JsonObject, text: string): Statement => ({
  kind: 'http',
  facts: Object.freeze(facts),
  text,
});

function commonFacts(request: CanonicalRequest, body: KnownBody): JsonObject {
  const { method, scheme, host, path, segments, pairs, fields } = request;
  return {
    command: method,
    unit: 'request',
    scheme,
    host,
    path,
    segments,
    query: pairs.map(({ name, value }) => ({ name, value })),
    headers: headerFacts(fields),
    content_type: mediaType(request),
    size: sizeOf(request, body),
    body: bodyFacts(body),
    graphql: noOperation,
    rpc: noCall,
    grpc: grpcFacts(request),
    message: noMessage,
    truncated: false,
  };
}

function headerFacts(fields: CanonicalRequest['fields']): JsonObject {
  // None is called `__proto__`: names with underscores are refused.
  const headers: Record<string, string[]> = {};
  for (const [name, value] of fields) {
    if (credentialFields.has(name)) continue;
    if (Object.hasOwn(headers, name)) headers[name]?.push(value);
    else headers[name] = [value];
  }
  return headers;
}

/** Lower-case and without parameters; '' for a request without a type. */
export function mediaType({ fields }: Pick<CanonicalRequest, 'fields'>): string {
  const value = fields.find(([name]) => name === 'content-type')?.[1] ?? '';
  return (value.split(';')[0] ?? '').trim().toLowerCase();
}

function sizeOf({ framing }: CanonicalRequest, body: KnownBody): number {
  if (body.kind === 'read') return body.bytes;
  if (framing.kind === 'length') return framing.bytes;
  return framing.kind === 'none' ? 0 : -1;
}

function bodyFacts(body: KnownBody): JsonObject {
  if (body.kind === 'read') return { ...body.facts };
  return { kind: body.kind, json: null, fields: [], parts: [] };
}

function grpcFacts(request: CanonicalRequest): JsonObject {
  const called = isGrpcType(mediaType(request)) ? grpcPath(request.path) : undefined;
  return called === undefined ? noGrpc : { ...called };
}
