// The target of a request (RFC 9112 §3.2): origin-form, or a URL that names the same authority.

import type { Scheme } from './authority.ts';
import { broken } from './rules.ts';

export interface RequestTarget {
  /** As written in an absolute-form; it must be what Host says. */
  readonly authority: string | undefined;
  readonly path: string;
  /** Without `?`. */
  readonly query: string | undefined;
}

const targetBytesMax = 8192;
const absoluteForm = /^(https?):\/\/([^/?#]*)(\/.*)$/is;

export interface GivenTarget {
  readonly target: string;
  readonly version: string;
  /** Of the connection. */
  readonly scheme: Scheme;
  /** The :scheme of HTTP/2. */
  readonly namedScheme?: string | undefined;
}

/** @throws BrokenRequest */
export function readTarget({ target, version, scheme, namedScheme }: GivenTarget): RequestTarget {
  if (target.length > targetBytesMax) throw broken('target-length');
  if (target.includes('#')) throw broken('target-fragment');
  checkScheme(namedScheme ?? scheme, scheme);
  if (target.startsWith('/')) return splitTarget(target, undefined);
  const [, named = '', authority = '', rest = ''] = absoluteForm.exec(target) ?? [];
  // HTTP/2 has a pseudo header for each part (RFC 9113 §8.3.1).
  if (rest === '' || version === '2') throw broken('target-form');
  checkScheme(named, scheme);
  return splitTarget(rest, authority);
}

function checkScheme(named: string, scheme: Scheme): void {
  if (named.toLowerCase() !== scheme) throw broken('target-scheme');
}

function splitTarget(target: string, authority: string | undefined): RequestTarget {
  const mark = target.indexOf('?');
  if (mark < 0) return { authority, path: target, query: undefined };
  return { authority, path: target.slice(0, mark), query: target.slice(mark + 1) };
}
