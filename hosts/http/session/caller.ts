// Who sends a request: by token in Authorization, by client certificate, by the cookie of a browser login.

import type { Authenticated } from '#engine';

import type { HttpConnection } from '../connection.ts';
import type { Downstream } from '../downstream.ts';
import { refuse, unauthenticated } from '../refusal.ts';
import type { HttpServices } from '../services.ts';
import type { CanonicalRequest, HeaderField } from '../wire/index.ts';

export type Caller =
  | {
      readonly kind: 'known';
      readonly authenticated: Authenticated;
      /** Without what was for the gateway alone. */
      readonly fields: readonly HeaderField[];
    }
  | { readonly kind: 'answered'; readonly answer: (downstream: Downstream) => void };

/** The first way that the request names counts: one that fails is not made up for by another. */
export async function recogniseCaller(
  { engine }: HttpServices,
  connection: HttpConnection,
  { fields }: CanonicalRequest,
): Promise<Caller> {
  const { authenticator } = engine;
  const { certificate } = connection;
  const authorization = fields.find(([name]) => name === 'authorization')?.[1];
  const rest = fields.filter(([name]) => name !== 'authorization');
  if (authorization !== undefined) {
    const token = tokenOf(authorization);
    if (token === undefined) return turnedAway('Authorization is malformed');
    const authenticated =
      authenticator.byToken(token) ?? (await authenticator.byBearer(token, certificate));
    if (authenticated !== undefined) return { kind: 'known', authenticated, fields: rest };
    return turnedAway('the token is unknown or expired');
  }
  if (certificate !== undefined) {
    const authenticated = authenticator.byCertificate(certificate);
    if (authenticated !== undefined) return { kind: 'known', authenticated, fields: rest };
    return turnedAway('the holder of the client certificate is not listed');
  }
  return turnedAway('the request names no caller');
}

const turnedAway = (message: string): Caller => ({
  kind: 'answered',
  answer: (downstream) => {
    refuse(downstream, unauthenticated(message));
  },
});

/** Of Bearer (RFC 6750 §2.1), or the password of Basic (RFC 7617 §2), whose user name is not looked at. */
function tokenOf(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +([\x21-\x7e]+)$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return value;
    case 'basic': {
      const pair = Buffer.from(value, 'base64').toString('utf8');
      const colon = pair.indexOf(':');
      return colon < 0 ? undefined : pair.slice(colon + 1);
    }
    default:
      return undefined;
  }
}
