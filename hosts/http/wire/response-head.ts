// The head of a target's answer (RFC 9110 §15, RFC 9112 §6.3), read as strictly as a request: a target may be hostile too.

import type { CanonicalRequest } from './canonical-request.ts';
import type { Framing } from './framing.ts';
import { readLength } from './framing.ts';
import type { HeaderField } from './header-fields.ts';
import { listOf, readResponseFields, repeatedName, valuesOf } from './header-fields.ts';
import type { ResponseRule } from './rules.ts';
import { BrokenResponse, brokenResponse } from './rules.ts';

export interface RawResponse {
  /** `1.0`, `1.1` or `2`. */
  readonly version: string;
  readonly status: number;
  /** Names and values in turn as received, one byte a character, without pseudo headers. */
  readonly rawHeaders: readonly string[];
}

/** `close`: the body ends with the connection, so only a clean end of TLS tells whole from cut short. */
export type ResponseFraming = Framing | { readonly kind: 'close' };

export type CheckedResponse =
  | {
      readonly kind: 'response';
      /**
       * Those for the caller, in their order, one line for each Set-Cookie. Content-Length is among them only where
       * it describes a body that is not sent: of HEAD, and of 304.
       */
      readonly fields: readonly HeaderField[];
      readonly framing: ResponseFraming;
      /** How long the target keeps the connection for other requests: 0 for not at all, Infinity where it does not say. */
      readonly keptSeconds: number;
    }
  | { readonly kind: 'refused'; readonly rule: ResponseRule; readonly message: string };

/** Hop-by-hop, of proxies, or ways around the gateway (RFC 7838). */
const droppedFields: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-connection',
    'upgrade',
    'te',
    'trailer',
    'transfer-encoding',
  ],
  ...['proxy-authenticate', 'proxy-authentication-info', 'alt-svc', 'alt-used'],
]);
const connectionFields = /^(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/;
const neededFields: ReadonlySet<string> = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'content-range', 'transfer-encoding'],
  ...['set-cookie', 'location', 'cache-control', 'vary', 'content-security-policy'],
]);
const singularFields: ReadonlySet<string> = new Set([
  ...['content-length', 'content-type', 'content-encoding', 'content-range', 'content-disposition'],
  ...['content-location', 'transfer-encoding', 'location', 'etag', 'last-modified'],
]);

export function checkResponse(
  raw: RawResponse,
  request: Pick<CanonicalRequest, 'method'>,
): CheckedResponse {
  try {
    return readResponse(raw, request.method);
  } catch (error) {
    if (!(error instanceof BrokenResponse)) throw error;
    return { kind: 'refused', rule: error.rule, message: error.message };
  }
}

/** @throws BrokenResponse */
function readResponse(raw: RawResponse, method: string): CheckedResponse {
  if (!/^(?:1\.[01]|2)$/.test(raw.version)) throw brokenResponse('response-version');
  checkStatus(raw.status);
  const all = readResponseFields(raw.rawHeaders);
  const codings = valuesOf(all, 'transfer-encoding');
  const lengths = valuesOf(all, 'content-length');
  if (codings.length > 0 && lengths.length > 0) throw brokenResponse('response-framing-both');
  if (codings.length > 1) throw brokenResponse('response-framing-transfer-encoding');
  const repeated = repeatedName(all, singularFields);
  if (repeated !== undefined) {
    throw brokenResponse('response-header-duplicate', `${repeated} stands twice`);
  }
  const options = connectionOptions(all, raw.version);
  const framing = responseFraming(raw, method, { length: lengths[0], coding: codings[0] });
  const describesLength = method === 'HEAD' || raw.status === 304;
  const fields = all.filter(
    ([name]) =>
      !droppedFields.has(name) &&
      !options.has(name) &&
      (describesLength || name !== 'content-length'),
  );
  const isLast = raw.version === '1.0' || options.has('close');
  return { kind: 'response', fields, framing, keptSeconds: isLast ? 0 : keptSeconds(all) };
}

/** RFC 2068 §19.7.1. */
function keptSeconds(fields: readonly HeaderField[]): number {
  const [said] = valuesOf(fields, 'keep-alive');
  const [, seconds] = said === undefined ? [] : (/timeout *= *(\d{1,9})/i.exec(said) ?? []);
  return seconds === undefined ? Infinity : Number(seconds);
}

/** 101 has a reader of its own, which knows what was asked for. */
function checkStatus(status: number): void {
  const isFinal = Number.isInteger(status) && status >= 200 && status <= 599;
  if (!isFinal && ![100, 102, 103].includes(status)) throw brokenResponse('response-status');
}

function connectionOptions(fields: readonly HeaderField[], version: string): ReadonlySet<string> {
  const options = new Set(listOf(fields, 'connection').map((option) => option.toLowerCase()));
  const isMisplaced = version === '2' && fields.some(([name]) => connectionFields.test(name));
  if (isMisplaced || Array.from(options).some((option) => neededFields.has(option))) {
    throw brokenResponse('response-connection');
  }
  return options;
}

interface Declared {
  readonly length: string | undefined;
  readonly coding: string | undefined;
}

function responseFraming(
  { status, version }: RawResponse,
  method: string,
  { length, coding }: Declared,
): ResponseFraming {
  if (coding !== undefined && (coding !== 'chunked' || version !== '1.1')) {
    throw brokenResponse('response-framing-transfer-encoding');
  }
  const bytes = length === undefined ? undefined : readLength(length);
  if (length !== undefined && bytes === undefined) throw brokenResponse('response-framing-length');
  if (status < 200 || status === 204) {
    if (coding !== undefined || (bytes ?? 0) > 0) throw brokenResponse('response-framing-bodyless');
    return { kind: 'none' };
  }
  if (method === 'HEAD' || status === 304) return { kind: 'none' };
  if (bytes !== undefined) return { kind: 'length', bytes };
  if (coding !== undefined || version === '2') return { kind: 'chunked' };
  return { kind: 'close' };
}
