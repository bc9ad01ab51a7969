// Whether a page of the same host made the request (Fetch §3.1 Origin, Fetch Metadata §2.3), for requests that a cookie
// alone would make believable.

import type { HeaderField } from '../upstream/unsigned-request.ts';

/** Methods that change nothing (RFC 9110 §9.2.1); TRACE is not among those that are served. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface CookieRequest {
  readonly method: string;
  /** Value of the Host field or of `:authority`. */
  readonly authority: string;
  /** It asks for a WebSocket: browsers let any page do so, and add the cookies. */
  readonly upgrade: boolean;
  readonly fields: readonly HeaderField[];
}

export function isForged(request: CookieRequest): boolean {
  if (!request.upgrade && safeMethods.has(request.method)) return false;
  const origins = valuesOf(request.fields, 'origin');
  const sites = valuesOf(request.fields, 'sec-fetch-site');
  if (origins.length > 1 || sites.length > 1) return true;
  const [origin] = origins;
  const [site] = sites;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin !== undefined) return origin !== originOf(request.authority);
  return request.upgrade || site === undefined;
}

/** As browsers write it: lower case, without the usual port. */
export const originOf = (authority: string): string =>
  `https://${authority.toLowerCase().replace(/:443$/, '')}`;

const valuesOf = (fields: readonly HeaderField[], name: string): readonly string[] =>
  fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value.trim());
