// The path of a request (RFC 3986 §3.3) in the one spelling that every server reads alike. Others are refused, never
// normalised: what is judged is what is forwarded.

import { hasBadEscape, percentDecode } from './percent.ts';
import { broken } from './rules.ts';

export interface PathOptions {
  /** Takes `%2F` as part of a segment, which is how package registries are asked for scoped names. */
  readonly encodedSlash?: boolean | undefined;
}

/** pchar and `/`, without the semicolon, which has a rule of its own. */
const pathCharacters = /^[A-Za-z0-9\-._~!$&'()*+,=:@%/]*$/;
/** Most paths: nothing in them to decode. */
const plainCharacters = /^[A-Za-z0-9\-._~!$&'()*+,=:@/]*$/;
/** Where policies compare paths, `/%61dmin` must not be a second name of `/admin`. */
const encodedUnreserved = /%(?:2[DEde]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])/;
/** What a second decoding would take for an escape. */
const escape = /%[0-9A-Fa-f]{2}/;
/** What ends or splits a segment somewhere, or starts an escape. */
const delimiter = /[/\\;%?#]/;

/**
 * The segments of a path that starts with a slash, each decoded once: none for `/`; the last is empty where the path
 * ends in a slash.
 *
 * @throws BrokenRequest
 */
export function readPath(path: string, { encodedSlash = false }: PathOptions): readonly string[] {
  checkCharacters(path);
  if (!encodedSlash && /%2f/i.test(path)) throw broken('path-encoded-slash');
  if (path === '/') return [];
  const written = path.slice(1).split('/');
  const isEncoded = path.includes('%');
  const segments = isEncoded ? written.map(decodeSegment) : written;
  const last = segments.length - 1;
  segments.forEach((segment, at) => {
    if (segment === '' && at === last) return;
    if (isEncoded) segment.split('/').forEach(checkDecoded);
    else checkPart(segment);
  });
  if (isEncoded && encodedUnreserved.test(path)) throw broken('path-encoded-unreserved');
  return segments;
}

function checkCharacters(path: string): void {
  if (plainCharacters.test(path)) return;
  if (/\\|%5c/i.test(path)) throw broken('path-backslash');
  if (/;|%3b/i.test(path)) throw broken('path-parameter');
  if (!pathCharacters.test(path)) throw broken('path-character');
  if (hasBadEscape(path)) throw broken('path-encoding');
}

function decodeSegment(segment: string): string {
  const decoded = percentDecode(segment);
  if (decoded === undefined) throw broken('path-utf8');
  return decoded;
}

function checkPart(part: string): void {
  if (part === '') throw broken('path-double-slash');
  if (part === '.' || part === '..') throw broken('path-dot-segments');
}

/** Of a segment, decoded; several where it holds encoded slashes. */
function checkDecoded(part: string): void {
  checkPart(part);
  if (/\p{Cc}/u.test(part)) throw broken('path-control');
  if (escape.test(part)) throw broken('path-double-encoding');
  checkLookalikes(part);
}

/** Servers that map characters to a smaller set fold these, and look at the path again or not at all. */
function checkLookalikes(part: string): void {
  const outside = part.replace(/[\0-\x7f]+/g, '');
  if (outside === '') return;
  const folded = part.normalize('NFKC');
  const isHidden = delimiter.test(outside.normalize('NFKC')) || folded === '.' || folded === '..';
  if (isHidden) throw broken('path-lookalike');
}
