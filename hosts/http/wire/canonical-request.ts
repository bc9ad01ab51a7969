// One request in the one form that is judged, recorded and forwarded (RFC 9110, RFC 9112, RFC 9113): what is not in it
// never leaves the gateway, and what two servers could read differently has none.

import type { Authority, Scheme } from './authority.ts';
import { readAuthority } from './authority.ts';
import type { Framing } from './framing.ts';
import { requestFraming } from './framing.ts';
import type { HeaderField } from './header-fields.ts';
import { readRequestFields, valuesOf } from './header-fields.ts';
import { checkFields, connectionOptions, passingFields } from './passing-fields.ts';
import type { PathOptions } from './path.ts';
import { readPath } from './path.ts';
import type { QueryPair } from './query.ts';
import { readQuery } from './query.ts';
import { readTarget } from './request-target.ts';
import type { RequestRule } from './rules.ts';
import { broken, BrokenRequest } from './rules.ts';
import type { WebSocketUpgrade } from './upgrade.ts';
import { readUpgrade } from './upgrade.ts';

export interface RawRequest {
  /** As received: `1.0`, `1.1` or `2`; all others are refused. */
  readonly version: string;
  readonly method: string;
  /** As received: origin-form, absolute-form and so on; the :path of HTTP/2. */
  readonly target: string;
  /** The :authority of HTTP/2. */
  readonly authority?: string | undefined;
  /** Of the connection. */
  readonly scheme: Scheme;
  /** The :scheme of HTTP/2, which must be that of the connection. */
  readonly namedScheme?: string | undefined;
  /** Names and values in turn as received, one byte a character, without pseudo headers. */
  readonly rawHeaders: readonly string[];
  /** HTTP/2: the stream ended with the head, so there is no body. */
  readonly endsWithHead?: boolean | undefined;
}

export interface CanonicalRequest {
  readonly method: string;
  readonly scheme: Scheme;
  /** Lower-case host, and the port unless it is the scheme's own. */
  readonly authority: string;
  readonly host: string;
  /** As received, and exactly the bytes that are forwarded. */
  readonly path: string;
  /** As received, without `?`; undefined where there is none. */
  readonly query: string | undefined;
  /** Of the path, decoded once: none for `/`, an empty last one where the path ends in a slash. */
  readonly segments: readonly string[];
  /** Of the query, decoded once. */
  readonly pairs: readonly QueryPair[];
  /** Those for the target, in their order. Framing, Host, WebSocket and forwarding fields are not among them. */
  readonly fields: readonly HeaderField[];
  readonly framing: Framing;
  readonly expectsContinue: boolean;
  readonly upgrade: WebSocketUpgrade | undefined;
}

export type Canonicalised =
  | { readonly kind: 'request'; readonly request: CanonicalRequest }
  | { readonly kind: 'refused'; readonly rule: RequestRule; readonly message: string };

const versions: ReadonlySet<string> = new Set(['1.0', '1.1', '2']);
/** In capitals, because some servers know `get` and others do not. */
const methodName = /^[A-Z](?:[A-Z-]{0,30}[A-Z])?$/;
/** They ask the gateway rather than the target. TRACK is another name of TRACE; PRI opens HTTP/2. */
const refusedMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK', 'PRI']);

export function canonicalise(raw: RawRequest, options: PathOptions = {}): Canonicalised {
  try {
    return { kind: 'request', request: readRequest(raw, options) };
  } catch (error) {
    if (!(error instanceof BrokenRequest)) throw error;
    return { kind: 'refused', rule: error.rule, message: error.message };
  }
}

function readRequest(raw: RawRequest, pathOptions: PathOptions): CanonicalRequest {
  const { version, method, scheme } = raw;
  if (!versions.has(version)) throw broken('http-version');
  if (!methodName.test(method) || refusedMethods.has(method)) throw broken('method');
  const fields = readRequestFields(raw.rawHeaders, version);
  const framing = requestFraming(fields, raw);
  checkFields(fields, version);
  const { authority: named, path, query } = readTarget(raw);
  const { authority, host } = addressed(fields, raw, named);
  const options = connectionOptions(fields);
  return {
    method,
    scheme,
    authority,
    host,
    path,
    query,
    segments: readPath(path, pathOptions),
    pairs: query === undefined ? [] : readQuery(query),
    fields: withOneCookie(withTrailers(fields, passingFields(fields, options), version)),
    framing,
    expectsContinue: expectsContinue(fields, version, framing),
    upgrade: readUpgrade(fields, { version, method, framing, options }),
  };
}

/** Host, the target and :authority, where they are given, must all say the same. */
function addressed(
  fields: readonly HeaderField[],
  { authority: pseudo, scheme }: RawRequest,
  inTarget: string | undefined,
): Authority {
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1) throw broken('host-duplicate');
  // RFC 9112 §3.2: without Host no absolute-form helps.
  const [first, ...others] = pseudo === undefined ? hosts : [pseudo, ...hosts];
  if (first === undefined) throw broken('host-missing');
  const said = readAuthority(first, scheme);
  const alike = inTarget === undefined ? others : [...others, inTarget];
  for (const other of alike) {
    if (readAuthority(other, scheme).authority !== said.authority)
      throw broken('authority-mismatch');
  }
  return said;
}

function expectsContinue(
  fields: readonly HeaderField[],
  version: string,
  framing: Framing,
): boolean {
  const [expectation] = valuesOf(fields, 'expect');
  if (expectation === undefined) return false;
  const isKnown = expectation.toLowerCase() === '100-continue';
  if (!isKnown || version === '1.0' || framing.kind === 'none') throw broken('expectation');
  return true;
}

/** gRPC servers want to see that their callers understand trailers. */
function withTrailers(
  fields: readonly HeaderField[],
  passing: readonly HeaderField[],
  version: string,
): readonly HeaderField[] {
  const isGrpc = valuesOf(fields, 'content-type')[0]?.startsWith('application/grpc') ?? false;
  const asks = version === '2' && isGrpc && valuesOf(fields, 'te').length > 0;
  return asks ? [...passing, ['te', 'trailers']] : passing;
}

/** HTTP/2 lets a cookie come in crumbs; they are one field for everybody else (RFC 9113 §8.2.3). */
function withOneCookie(fields: readonly HeaderField[]): readonly HeaderField[] {
  const crumbs = valuesOf(fields, 'cookie');
  if (crumbs.length < 2) return fields;
  return [...fields.filter(([name]) => name !== 'cookie'), ['cookie', crumbs.join('; ')]];
}
