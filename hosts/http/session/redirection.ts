// Redirections (RFC 9110 §10.2.2) of targets that know only the name under which the gateway calls them: passed on as they
// are, they would send callers past the gateway, or nowhere.

import type { HeaderField } from '../wire/index.ts';
import type { Exchange } from './exchange.ts';

export interface Origins {
  /** `https://10.0.0.7:8443`, as the gateway calls the target. */
  readonly target: string;
  /** `https://billing.gateway.example`, as the caller called it. */
  readonly gateway: string;
}

const originIn = /^https?:\/\/[^/?#\\]*/i;

export function originsOf({
  target,
  connection,
  request,
}: Pick<Exchange, 'target' | 'connection' | 'request'>): Origins {
  const scheme = target.config.tls.kind === 'verified' ? 'https' : 'http';
  return {
    target: `${scheme}://${target.authority}`,
    gateway: `${connection.scheme}://${request.authority}`,
  };
}

/** Names the gateway where the target names itself; a redirection to anywhere else stays as it is. */
export function redirectedHere(
  fields: readonly HeaderField[],
  { target, gateway }: Origins,
): readonly HeaderField[] {
  if (!fields.some(([name]) => name === 'location')) return fields;
  return fields.map((field): HeaderField => {
    const [name, value] = field;
    const origin = name === 'location' ? originIn.exec(value)?.[0] : undefined;
    if (origin?.toLowerCase() !== target.toLowerCase()) return field;
    return [name, `${gateway}${value.slice(origin.length)}`];
  });
}
