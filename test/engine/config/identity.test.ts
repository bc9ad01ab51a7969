import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { loadConfig } from '../../../engine/config/index.ts';

const oidc = { issuer: 'https://id.example.com', audience: 'sallyport' };
const login = { client_id: 'gateway', client_secret: { file: './secrets/login' } };
const certificates = { ca: './tls/callers.crt', id: 'san-uri', principals: './principals.yaml' };

describe('the identity part of a configuration', () => {
  let directory: string;
  const load = (identity: object) => {
    const file = join(directory, 'sallyport.yaml');
    const target = {
      postgres: 'db.internal:5432/shop',
      credential: { user: 'gateway', password: { env: 'PASSWORD' } },
    };
    const config = {
      ...{ policies: './policies', state: './state', targets: { shop: target } },
      tls: { certificate: './gateway.crt', key: './gateway.key' },
      listen: { postgres: '0.0.0.0:5432' },
      identity: { tokens: './tokens.yaml', ...identity },
    };
    writeFileSync(file, stringify(config));
    return loadConfig(file).identity;
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sallyport-identity-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('needs no more than tokens', () => {
    expect(load({})).toEqual({ tokens: join(directory, 'tokens.yaml') });
  });

  it('resolves paths against the file and fills in what was left out', () => {
    const device = { client_id: 'terminal' };
    const ssh = {
      keys: './ssh-keys.yaml',
      certificates: { authorities: './ssh-ca.pub', principals: './principals.yaml' },
      revoked: './ssh-revoked.yaml',
    };
    const written = { oidc: { ...oidc, login, device }, client_certificates: certificates, ssh };
    expect(load(written)).toEqual({
      tokens: join(directory, 'tokens.yaml'),
      clientCertificates: {
        ca: join(directory, 'tls/callers.crt'),
        id: 'san-uri',
        principals: join(directory, 'principals.yaml'),
      },
      oidc: {
        ...oidc,
        ...{ id: 'sub', groups: undefined, types: ['at+jwt'], ca: undefined },
        login: {
          clientId: 'gateway',
          clientSecret: { file: join(directory, 'secrets/login') },
          scopes: ['openid'],
          sessionHours: 8,
        },
        device: {
          ...{ clientId: 'terminal', clientSecret: undefined },
          ...{ scopes: ['openid'], sessionHours: 8 },
        },
      },
      ssh: {
        keys: join(directory, 'ssh-keys.yaml'),
        certificates: {
          authorities: join(directory, 'ssh-ca.pub'),
          principals: join(directory, 'principals.yaml'),
        },
        revoked: join(directory, 'ssh-revoked.yaml'),
      },
    });
  });

  it.each([
    ['an issuer in the clear', { oidc: { ...oidc, issuer: 'http://id' } }, 'identity.oidc.issuer'],
    [
      'an issuer with a query',
      { oidc: { ...oidc, issuer: 'https://id?' } },
      'identity.oidc.issuer',
    ],
    ['an issuer without an audience', { oidc: { issuer: oidc.issuer } }, "key 'audience'"],
    ['another type of token', { oidc: { ...oidc, types: ['logout+jwt'] } }, 'oidc.types.0'],
    ['no type of token', { oidc: { ...oidc, types: [] } }, 'identity.oidc.types'],
    [
      'a scope with a blank',
      { oidc: { ...oidc, login: { ...login, scopes: ['a b'] } } },
      'scopes.0',
    ],
    [
      'a login without end',
      { oidc: { ...oidc, login: { ...login, session_hours: 0 } } },
      'session_hours',
    ],
    ['nothing of SSH', { ssh: {} }, 'identity.ssh'],
    [
      'authorities without principals',
      { ssh: { certificates: { authorities: './ssh-ca.pub' } } },
      "identity.ssh.certificates: key 'principals' is missing",
    ],
    [
      'another name of certificates',
      { client_certificates: { ...certificates, id: 'ou' } },
      'identity.client_certificates.id',
    ],
  ])('refuses %s by its path', (_name, identity, path) => {
    expect(() => load(identity)).toThrow(path);
  });
});
