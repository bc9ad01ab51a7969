// An issuer under test: a real HTTPS server with a discovery document and a key set, and keys to sign anything with.

import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';

import type { CryptoKey, JWK, JWTPayload } from 'jose';
import { SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

import { createCertificateAuthority, temporaryDirectory } from '#lab';
import { Authenticator } from '../../../engine/identity/index.ts';
import type { OidcConfig } from '../../../engine/config/index.ts';

export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function createKey(alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { alg, kid, privateKey, jwk: { ...jwk, kid, alg, use: 'sig' } };
}

export const noon = Date.UTC(2026, 10, 21, 12);
export const seconds = (at: number) => Math.floor(at / 1000);

/** A server whose answers may be exchanged; `asked` lists the paths of the requests that it had. */
export async function startIssuer(keys: readonly SigningKey[]) {
  const directory = await temporaryDirectory();
  const authority = createCertificateAuthority('issuer root');
  const { certificatePem, keyPem } = authority.issue({ commonName: 'id', dns: ['localhost'] });
  const ca = join(directory.path, 'ca.crt');
  const tokens = join(directory.path, 'tokens.yaml');
  writeFileSync(ca, authority.certificatePem);
  writeFileSync(tokens, 'tokens: []\n');
  const answers = new Map<string, { status: number; body: string; location?: string }>();
  const asked: string[] = [];
  const server = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const { status, body, location } = answers.get(path) ?? { status: 404, body: '' };
    response.writeHead(status, location === undefined ? {} : { location });
    response.end(body);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  const json = (path: string, value: unknown) =>
    answers.set(path, { status: 200, body: JSON.stringify(value) });
  const serve = (served: readonly SigningKey[]) =>
    json('/keys', { keys: served.map(({ jwk }) => jwk) });
  json('/.well-known/openid-configuration', { issuer, jwks_uri: `${issuer}/keys` });
  serve(keys);

  const config: OidcConfig = {
    ...{ issuer, audience: 'sallyport', id: 'sub', groups: 'groups', types: ['at+jwt'], ca },
    login: undefined,
    device: undefined,
  };
  const open = (now: () => number, changed: Partial<OidcConfig> = {}) =>
    new Authenticator(
      { tokens, clientCertificates: undefined, oidc: { ...config, ...changed }, ssh: undefined },
      now,
    );
  const token = (key: SigningKey, claims: JWTPayload = {}, header: object = {}) =>
    new SignJWT({
      ...{ iss: issuer, aud: 'sallyport', sub: 'ada', client_id: 'cli', groups: ['engineering'] },
      ...{ iat: seconds(noon), exp: seconds(noon) + 600, ...claims },
    })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await directory.remove();
  };
  return { issuer, answers, asked, json, serve, open, token, stop, authority, server };
}
