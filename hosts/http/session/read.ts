// What must be known of a request before it can be judged: its body only where a rule reads bodies, or where its path is an
// endpoint whose bodies hold several statements.

import type { HttpEndpoint, HttpTargetConfig, Limits, Statement } from '#engine';

import { checkMcpHeaders, readBody, readGraphql, readRpc } from '../body/index.ts';
import type { Refusal } from '../refusal.ts';
import type { Reads } from '../services.ts';
import type { KnownBody } from '../statement.ts';
import { callStatement, mediaType, operationStatement, requestStatement } from '../statement.ts';
import { isGrpcType } from '../wire/grpc/index.ts';
import type { CanonicalRequest } from '../wire/index.ts';
import type { EndpointOf } from './endpoint.ts';
import { endpointOf } from './endpoint.ts';
import type { Exchange } from './exchange.ts';

export interface Read {
  readonly kind: 'read';
  /** All of them must be allowed. */
  readonly statements: readonly Statement[];
  readonly body: Buffer | undefined;
  /** Own names of members that the caller wants to get under other names, which masks do not know. */
  readonly renamed: readonly string[];
}

interface Aborted {
  readonly kind: 'aborted';
}

interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal;
}

export type ReadOutcome = Read | Refused | Aborted;

export async function readForPolicy(exchange: Exchange): Promise<ReadOutcome> {
  const { services, target, request, patience } = exchange;
  const { limits } = services;
  const asked = { target: target.config, request, limits };
  const prospect = withoutBody({ ...asked, reads: services.reads() });
  if (prospect.kind !== 'endpoint' && prospect.kind !== 'none') return prospect;
  const whole = await patience.readWhole(limits.bodyBytesMax, request);
  if (whole.kind === 'aborted') return whole;
  if (whole.kind === 'more') return tooLarge(limits.bodyBytesMax);
  // While it came the policies may have changed, and what they read.
  return understand({ ...asked, body: whole.body, reads: services.reads() });
}

interface Asked {
  readonly target: HttpTargetConfig;
  readonly request: CanonicalRequest;
  readonly reads: Pick<Reads, 'bodies' | 'keys'>;
  readonly limits: Pick<Limits, 'bodyBytesMax' | 'inputBytesMax'>;
}

export interface Understanding extends Asked {
  readonly body: Buffer;
}

/** All that there is to say where no body is to be read, else whose it is. */
function withoutBody({
  target,
  request,
  reads,
  limits,
}: Asked): Read | Refused | Exclude<EndpointOf, Refused> {
  const found = endpointOf(target, request);
  if (found.kind === 'refused') return found;
  const { framing } = request;
  // A gRPC body is a stream of messages in an encoding that only its ends know.
  const isGrpc = isGrpcType(mediaType(request));
  const isStream = request.upgrade !== undefined || (isGrpc && target.http2);
  // Its operations and calls would come as messages of the stream, which nobody reads as such.
  if (isStream && found.kind === 'endpoint') return streamed;
  if ((found.kind === 'none' && !reads.bodies) || isStream) {
    const kind = framing.kind === 'none' ? 'none' : 'unread';
    return wholeRequest(request, { kind }, undefined);
  }
  if (request.fields.some(([name]) => name === 'content-encoding')) return encoded;
  const { bodyBytesMax } = limits;
  const isLong = framing.kind === 'length' && framing.bytes > bodyBytesMax;
  return isLong ? tooLarge(bodyBytesMax) : found;
}

/** The statements of a request whose body is known. */
export function understand(understanding: Understanding): Read | Refused {
  const { request, body, reads, limits } = understanding;
  const found = withoutBody(understanding);
  if (found.kind !== 'endpoint' && found.kind !== 'none') return found;
  if (body.length > limits.bodyBytesMax) return tooLarge(limits.bodyBytesMax);
  const known = knownBody(request, body, reads);
  if (known.kind === 'refused') return known;
  // Without anything to read it is no call: a preflight, a page, the opening of a stream of events.
  const isBare = body.length === 0 && (found.kind === 'none' || request.pairs.length === 0);
  const called =
    found.kind === 'none' || (isBare && request.method !== 'POST')
      ? wholeRequest(request, known, body)
      : statementsIn(found.endpoint, understanding, known);
  if ('rule' in called) return misread(called);
  const isOver = called.statements.some(
    ({ facts }) => Buffer.byteLength(JSON.stringify(facts)) > limits.inputBytesMax,
  );
  return isOver ? tooLarge(limits.inputBytesMax) : { ...called, kind: 'read', body };
}

const wholeRequest = (
  request: CanonicalRequest,
  known: KnownBody,
  body: Buffer | undefined,
): Read => ({ kind: 'read', statements: [requestStatement(request, known)], body, renamed: [] });

type Misread = Parameters<typeof misread>[0];

function statementsIn(
  endpoint: HttpEndpoint,
  { request, body, reads }: Understanding,
  known: KnownBody,
): Pick<Read, 'statements' | 'renamed'> | Misread {
  const contentType = contentTypeOf(request);
  if (endpoint === 'graphql') {
    const { method, pairs: query } = request;
    const operations = readGraphql({ method, contentType, body, query });
    if (operations.kind === 'refused') return operations;
    return {
      statements: operations.value.map((each) => operationStatement(request, known, each)),
      renamed: operations.value.flatMap((each) => each.renamed),
    };
  }
  const calls = readRpc(body, contentType, endpoint, { keysRead: reads.keys });
  if (calls.kind === 'refused') return calls;
  const headers = valuesByName(request);
  for (const { facts } of endpoint === 'mcp' ? calls.value : []) {
    const agreed = checkMcpHeaders(facts, headers);
    if (agreed.kind === 'refused') return agreed;
  }
  const statements = calls.value.map((each) => callStatement(request, known, each));
  return { statements, renamed: [] };
}

function knownBody(
  request: CanonicalRequest,
  body: Buffer,
  { bodies, keys }: Understanding['reads'],
): KnownBody | ReturnType<typeof misread> {
  if (request.framing.kind === 'none' || body.length === 0) return { kind: 'none' };
  if (!bodies) return { kind: 'unread' };
  const facts = readBody(body, contentTypeOf(request), { keysRead: keys });
  if (facts.kind === 'refused') return misread(facts);
  return { kind: 'read', facts: facts.value, bytes: body.length };
}

const contentTypeOf = ({ fields }: CanonicalRequest): string =>
  fields.find(([name]) => name === 'content-type')?.[1] ?? '';

function valuesByName({ fields }: CanonicalRequest): Readonly<Record<string, readonly string[]>> {
  const byName = Map.groupBy(fields, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, all.map(([, value]) => value)]),
  );
}

/** For other rules than these it is the request that is wrong, and not its size or kind. */
const statuses: Readonly<Record<string, number>> = {
  'facts-too-large': 413,
  'body-content-type': 415,
  'body-charset': 415,
};

const misread = ({ rule, message }: { readonly rule: string; readonly message: string }) =>
  ({
    kind: 'refused',
    refusal: { status: statuses[rule] ?? 400, code: 'statement-unparsable', message, rule },
  }) as const;

const tooLarge = (bytesMax: number) =>
  ({
    kind: 'refused',
    refusal: {
      status: 413,
      code: 'statement-too-large',
      message: `the policy reads this request, and at most ${bytesMax} bytes of it`,
      hint: 'send less at once; bodyBytesMax and inputBytesMax of sallyport.yaml bound it',
    },
  }) as const;

const streamed = {
  kind: 'refused',
  refusal: {
    status: 403,
    code: 'statement-unsupported',
    message: 'at this path each operation is judged, so it takes no WebSocket and no gRPC',
    hint: 'send operations by POST',
  },
} as const;

const encoded = {
  kind: 'refused',
  refusal: {
    status: 415,
    code: 'statement-unsupported',
    message: 'rules read this body, so it must not be encoded',
    hint: 'send it without Content-Encoding',
  },
} as const;
