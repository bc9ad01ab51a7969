// What must be known of a request before it can be judged: its body only where a rule reads bodies, or where its path is an
// endpoint whose bodies hold several statements.

import type { HttpTargetConfig, Statement } from '#engine';

import { readBody, readGraphql, readRpc } from '../body/index.ts';
import type { Refusal } from '../refusal.ts';
import type { KnownBody } from '../statement.ts';
import { callStatement, operationStatement, requestStatement } from '../statement.ts';
import type { CanonicalRequest } from '../wire/index.ts';
import type { Exchange } from './exchange.ts';

export interface Read {
  readonly kind: 'read';
  /** All of them must be allowed. */
  readonly statements: readonly Statement[];
  readonly body: Buffer | undefined;
}

interface Aborted {
  readonly kind: 'aborted';
}

export type ReadOutcome = Read | { readonly kind: 'refused'; readonly refusal: Refusal } | Aborted;

export async function readForPolicy(exchange: Exchange): Promise<ReadOutcome> {
  const { services, target, request, patience } = exchange;
  const endpoint = target.config.endpoints.get(request.path);
  const isRead = endpoint !== undefined || services.readsBodies();
  if (!isRead || request.upgrade !== undefined) {
    const kind = request.framing.kind === 'none' ? 'none' : 'unread';
    return { kind: 'read', statements: [requestStatement(request, { kind })], body: undefined };
  }
  if (request.fields.some(([name]) => name === 'content-encoding')) return encoded;
  const { bodyBytesMax } = services.limits;
  if (request.framing.kind === 'length' && request.framing.bytes > bodyBytesMax) {
    return tooLarge(bodyBytesMax);
  }
  const whole = await patience.readWhole(bodyBytesMax, request);
  if (whole.kind === 'aborted') return whole;
  if (whole.kind === 'more') return tooLarge(bodyBytesMax);
  const { config } = target;
  const isBodyFact = services.readsBodies();
  const outcome = understand({ target: config, request, body: whole.body, isBodyFact });
  if (outcome.kind !== 'read') return outcome;
  const { inputBytesMax } = services.limits;
  const isOver = outcome.statements.some(
    ({ facts }) => Buffer.byteLength(JSON.stringify(facts)) > inputBytesMax,
  );
  return isOver ? tooLarge(inputBytesMax) : outcome;
}

export interface Understanding {
  readonly target: HttpTargetConfig;
  readonly request: CanonicalRequest;
  readonly body: Buffer;
  /** Whether a rule reads bodies as such. */
  readonly isBodyFact: boolean;
}

/** The statements of a request whose body is known. */
export function understand(understanding: Understanding): Exclude<ReadOutcome, Aborted> {
  const { target, request, body, isBodyFact } = understanding;
  const known = knownBody(request, body, isBodyFact);
  if ('refusal' in known) return known;
  const endpoint = target.endpoints.get(request.path);
  // A transport's own requests, such as opening a stream of events, hold no call.
  if (endpoint === undefined || (endpoint !== 'graphql' && body.length === 0)) {
    return { kind: 'read', statements: [requestStatement(request, known)], body };
  }
  const contentType = contentTypeOf(request);
  if (endpoint === 'graphql') {
    const { method, pairs: query } = request;
    const operations = readGraphql({ method, contentType, body, query });
    if (operations.kind === 'refused') return misread(operations);
    const statements = operations.value.map((each) => operationStatement(request, known, each));
    return { kind: 'read', statements, body };
  }
  const calls = readRpc(body, contentType, endpoint);
  if (calls.kind === 'refused') return misread(calls);
  const statements = calls.value.map((each) => callStatement(request, known, each));
  return { kind: 'read', statements, body };
}

type Known = KnownBody | { readonly kind: 'refused'; readonly refusal: Refusal };

function knownBody(request: CanonicalRequest, body: Buffer, isRead: boolean): Known {
  if (request.framing.kind === 'none' || body.length === 0) return { kind: 'none' };
  if (!isRead) return { kind: 'unread' };
  const facts = readBody(body, contentTypeOf(request));
  if (facts.kind === 'refused') return misread(facts);
  return { kind: 'read', facts: facts.value, bytes: body.length };
}

const contentTypeOf = ({ fields }: CanonicalRequest): string =>
  fields.find(([name]) => name === 'content-type')?.[1] ?? '';

const misread = ({ rule, message }: { readonly rule: string; readonly message: string }) =>
  ({
    kind: 'refused',
    refusal: { status: 400, code: 'statement-unparsable', message, rule },
  }) as const;

const tooLarge = (bytesMax: number) =>
  ({
    kind: 'refused',
    refusal: {
      status: 413,
      code: 'statement-too-large',
      message: `rules read this body, of which at most ${bytesMax} bytes`,
    },
  }) as const;

const encoded = {
  kind: 'refused',
  refusal: {
    status: 415,
    code: 'statement-unsupported',
    message: 'rules read this body, so it must not be encoded',
    hint: 'send it without Content-Encoding',
  },
} as const;
