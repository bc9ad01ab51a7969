// A real OpenID Connect provider for tests and demo: HTTPS on localhost, users with groups, any password.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { Configuration } from 'oidc-provider';
import Provider from 'oidc-provider';

import { createCertificateAuthority } from './certificates.ts';

export interface OidcUser {
  readonly email: string;
  readonly groups: readonly string[];
  readonly emailVerified?: boolean;
}

export interface OidcOptions {
  /** By the name that is typed in to log in, which is also the subject. */
  readonly users: Readonly<Record<string, OidcUser>>;
  readonly client: {
    readonly id: string;
    readonly secret: string;
    readonly redirectUris: readonly string[];
  };
  /** A public client that logs people in by code. */
  readonly deviceClient?: string;
  /** Audience of access tokens. */
  readonly audience: string;
}

export interface OidcServer extends AsyncDisposable {
  readonly issuer: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
}

/** RFC 8628 §3.4. */
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

function configuration(options: OidcOptions): Configuration {
  const { users, client, deviceClient, audience } = options;
  const groupsOf = (name: string | undefined): readonly string[] => users[name ?? '']?.groups ?? [];
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [...client.redirectUris],
        grant_types: ['authorization_code', 'client_credentials', deviceGrant],
        response_types: ['code'],
      },
      ...(deviceClient === undefined ? [] : [publicClient(deviceClient)]),
    ],
    pkce: { required: () => true },
    cookies: { keys: ['only for the lab'] },
    jwks: { keys: [signingKey()] },
    ttl: {
      ...{ AccessToken: 600, AuthorizationCode: 60, ClientCredentials: 600, DeviceCode: 120 },
      ...{ Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
    },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    // As most providers do: the ID token holds the claims of its scopes.
    conformIdTokenClaims: false,
    findAccount: (_context, id) => {
      const user = users[id];
      if (user === undefined) return undefined;
      const { email, emailVerified = true, groups } = user;
      const claims = { sub: id, email, email_verified: emailVerified, groups: [...groups] };
      return { accountId: id, claims: () => claims };
    },
    extraTokenClaims: (_context, token) => ({
      groups: groupsOf('accountId' in token ? token.accountId : undefined),
    }),
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          ...{ scope: 'openid email groups', audience, accessTokenFormat: 'jwt' as const },
          jwt: { sign: { alg: 'RS256' as const } },
        }),
      },
    },
  };
}

function publicClient(id: string) {
  return {
    client_id: id,
    token_endpoint_auth_method: 'none' as const,
    redirect_uris: [],
    grant_types: [deviceGrant],
    response_types: [],
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'lab', alg: 'RS256', use: 'sig' };
}

export async function startOidc(options: OidcOptions): Promise<OidcServer> {
  const authority = createCertificateAuthority('identity root');
  const { certificatePem, keyPem } = authority.issue({ commonName: 'id', dns: ['localhost'] });
  const server = createServer({ cert: certificatePem, key: keyPem });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  const answer = new Provider(issuer, configuration(options)).callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    ca: authority.certificatePem,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
