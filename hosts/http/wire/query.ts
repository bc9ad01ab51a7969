// The query of a request as names and values (application/x-www-form-urlencoded, URL Standard §5.1), decoded strictly.

import { hasBadEscape, percentDecode } from './percent.ts';
import { broken } from './rules.ts';

export interface QueryPair {
  readonly name: string;
  readonly value: string;
}

/** Browsers send all of visible ASCII; none of it but `&`, `;`, `=`, `+` and `%` means anything here. */
const queryCharacters = /^[\x21-\x7e]*$/;

/**
 * In the order of the query; a name that comes twice is there twice, and a part without `=` has an empty value.
 *
 * @throws BrokenRequest
 */
export function readQuery(query: string): readonly QueryPair[] {
  if (!queryCharacters.test(query)) throw broken('query-character');
  if (query.includes(';')) throw broken('query-semicolon');
  if (hasBadEscape(query)) throw broken('query-encoding');
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      if (equals < 0) return { name: decode(part), value: '' };
      return { name: decode(part.slice(0, equals)), value: decode(part.slice(equals + 1)) };
    });
}

function decode(text: string): string {
  const decoded = percentDecode(text.replaceAll('+', ' '));
  if (decoded === undefined) throw broken('query-encoding');
  if (decoded.includes('\0')) throw broken('query-control');
  return decoded;
}
