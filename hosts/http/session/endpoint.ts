// Which paths hold several statements in one body. Servers take other spellings of a path for the same one: those are
// refused, or a call could pass as a plain request.

import type { HttpEndpoint, HttpTargetConfig } from '#engine';

import type { Refusal } from '../refusal.ts';
import { unjudgeable } from '../refusal.ts';
import type { CanonicalRequest } from '../wire/index.ts';

export type EndpointOf =
  | { readonly kind: 'none' }
  | { readonly kind: 'endpoint'; readonly endpoint: HttpEndpoint }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function endpointOf(
  { endpoints }: Pick<HttpTargetConfig, 'endpoints'>,
  { path, segments }: Pick<CanonicalRequest, 'path' | 'segments'>,
): EndpointOf {
  const endpoint = endpoints.get(path);
  if (endpoint !== undefined) return { kind: 'endpoint', endpoint };
  if (endpoints.size === 0) return { kind: 'none' };
  const folded = foldedPath(segments);
  for (const known of endpoints.keys()) {
    if (foldedPath(known.split('/').slice(1)) !== folded) continue;
    const message = `the path is another spelling of ${known}`;
    return { kind: 'refused', refusal: unjudgeable('endpoint-spelling', message) };
  }
  return { kind: 'none' };
}

/** Without case, parameters of segments, empty segments and a file's ending, as routers are known to read paths. */
const foldedPath = (segments: readonly string[]): string =>
  segments
    .map((segment) => (segment.split(';')[0] ?? '').normalize('NFKC').toLowerCase().trim())
    .filter((segment) => segment !== '')
    .join('/')
    .replace(/\.(json|html?|php)$/, '');
