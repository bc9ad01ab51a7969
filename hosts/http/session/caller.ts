// Who sends a request: by token in Authorization, by client certificate, by the cookie of a browser login.

import type { Authenticated } from '#engine';

import type { HttpConnection } from '../connection.ts';
import type { Downstream } from '../downstream.ts';
import type { LoginResponse } from '../login/index.ts';
import { withoutLoginCookies } from '../login/index.ts';
import type { Refusal } from '../refusal.ts';
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
  { engine, login }: HttpServices,
  connection: HttpConnection,
  request: CanonicalRequest,
): Promise<Caller> {
  const { fields } = request;
  const { authenticator } = engine;
  const { certificate } = connection;
  const authorization = fields.find(([name]) => name === 'authorization')?.[1];
  const rest = fields.filter(([name]) => name !== 'authorization');
  const turnedAway = (message: string): Caller =>
    refusedAs(unauthenticated(message, login !== undefined && isByBrowser(request)));
  if (authorization !== undefined) {
    const token = tokenOf(authorization);
    if (token === undefined) return turnedAway('Authorization is malformed');
    const authenticated =
      authenticator.byToken(token) ?? (await authenticator.byBearer(token, certificate));
    if (authenticated !== undefined) return known(authenticated, rest);
    return turnedAway('the token is unknown or expired');
  }
  if (login !== undefined) {
    const { method, authority } = request;
    const upgrade = request.upgrade !== undefined;
    const found = login.authenticate({ method, authority, upgrade, fields: request.fields });
    if (found === 'csrf') return refusedAs(forged);
    if (found === 'ambiguous') return turnedAway('the login cookie is there twice');
    if (found !== undefined) {
      return known(found, rest);
    }
  }
  if (certificate !== undefined) {
    const authenticated = authenticator.byCertificate(certificate);
    if (authenticated !== undefined) return known(authenticated, rest);
    return turnedAway('the holder of the client certificate is not listed');
  }
  if (login !== undefined && isPageVisit(request)) {
    const { authority, path, query } = request;
    const page = query === undefined ? path : `${path}?${query}`;
    return { kind: 'answered', answer: answerWith(login.loginRedirect(authority, page)) };
  }
  return turnedAway('the request names no caller');
}

/** A browser that goes to a page; a script's request would follow the redirection and see a login page as its answer. */
function isPageVisit({ method, fields }: CanonicalRequest): boolean {
  const accepts = fields.some(([name, value]) => name === 'accept' && value.includes('text/html'));
  return method === 'GET' && accepts;
}

/** Fetch Metadata §2.2. */
const isByBrowser = ({ fields }: CanonicalRequest): boolean =>
  fields.some(([name]) => name === 'sec-fetch-mode');

const forged: Refusal = {
  status: 403,
  code: 'unauthenticated',
  message: 'a page of another site may have made the browser send this request',
  hint: 'Origin, or Sec-Fetch-Site, must name this host',
};

const known = (authenticated: Authenticated, fields: readonly HeaderField[]): Caller => ({
  kind: 'known',
  authenticated,
  fields: withoutLoginCookies(fields),
});

const refusedAs = (refusal: Refusal): Caller => ({
  kind: 'answered',
  answer: (downstream) => {
    refuse(downstream, refusal);
  },
});

/** An answer of the gateway's own pages. */
export const answerWith =
  ({ status, headers, body }: LoginResponse) =>
  (downstream: Downstream): void => {
    const bytes = Buffer.from(body);
    downstream.respond(status, [...headers, ['content-length', String(bytes.length)]]);
    downstream.end(downstream.raw.method === 'HEAD' ? undefined : bytes);
  };

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
