// Where the body of a message ends (RFC 9112 §6): in one way, that every server reads alike.

import type { HeaderField } from './header-fields.ts';
import { valuesOf } from './header-fields.ts';
import { broken } from './rules.ts';

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  /** In chunks, or over HTTP/2 without a length. */
  | { readonly kind: 'chunked' };

/** No sign, no zeros in front, no list. */
const decimal = /^(?:0|[1-9][0-9]{0,15})$/;

/** Undefined for what is no length, and for lengths that numbers cannot hold exactly. */
export function readLength(text: string): number | undefined {
  const bytes = Number(text);
  return decimal.test(text) && Number.isSafeInteger(bytes) ? bytes : undefined;
}

export interface Framed {
  readonly version: string;
  /** HTTP/2: whether the head was all of the request; undefined where it is not known. */
  readonly endsWithHead?: boolean | undefined;
}

/** @throws BrokenRequest */
export function requestFraming(fields: readonly HeaderField[], framed: Framed): Framing {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (lengths.length > 0 && codings.length > 0) throw broken('framing-both');
  if (lengths.length > 1) throw broken('framing-length', 'Content-Length stands twice');
  const [length] = lengths;
  if (length !== undefined) return declaredLength(length, framed);
  if (codings.length === 0) return undeclared(framed);
  if (framed.version === '1.0') throw broken('framing-on-1.0');
  if (codings.length > 1 || codings[0] !== 'chunked') throw broken('framing-transfer-encoding');
  return { kind: 'chunked' };
}

function declaredLength(text: string, { endsWithHead }: Framed): Framing {
  const bytes = readLength(text);
  if (bytes === undefined) throw broken('framing-length');
  if (endsWithHead === true && bytes > 0)
    throw broken('framing-length', 'the announced body is not there');
  return { kind: 'length', bytes };
}

const undeclared = ({ version, endsWithHead }: Framed): Framing =>
  version === '2' && endsWithHead !== true ? { kind: 'chunked' } : { kind: 'none' };
