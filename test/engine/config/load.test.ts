import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { loadConfig } from '../../../engine/config/index.ts';
import { defaultLimits } from '../../../engine/model/index.ts';

const target = {
  postgres: 'db.internal:5432/shop',
  tls: { ca: './tls/ca.crt' },
  credential: { user: 'gateway', password: { file: './secrets/shop' } },
  labels: { env: 'production' },
};
const good = {
  policies: './policies',
  state: './state',
  identity: { tokens: './tokens.yaml' },
  tls: { certificate: './tls/gateway.crt', key: '/etc/tls/gateway.key' },
  listen: { postgres: '0.0.0.0:5432' },
  targets: { shop: target },
};

describe('loadConfig', () => {
  let directory: string;
  let file: string;
  const load = (text: string) => {
    writeFileSync(file, text);
    return loadConfig(file);
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sallyport-config-'));
    file = join(directory, 'sallyport.yaml');
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('resolves paths against the file and fills in what was left out', () => {
    const config = load(stringify(good));
    expect(config.policies).toBe(join(directory, 'policies'));
    expect(config.tls).toEqual({
      certificate: join(directory, 'tls/gateway.crt'),
      key: '/etc/tls/gateway.key',
      insecureAllowPlaintext: false,
    });
    expect(config.limits).toEqual(defaultLimits);
    expect(config.targets.get('shop')).toEqual({
      kind: 'postgres',
      name: 'shop',
      host: 'db.internal',
      port: 5432,
      database: 'shop',
      tls: { kind: 'verified', ca: join(directory, 'tls/ca.crt'), servername: 'db.internal' },
      credential: { user: 'gateway', password: { file: join(directory, 'secrets/shop') } },
      insecurePrivilegedRole: false,
      labels: { env: 'production' },
    });
  });

  it('verifies targets unless the configuration says in so many words that it must not', () => {
    const bare = { ...target, tls: undefined };
    const verified = load(stringify({ ...good, targets: { shop: bare } })).targets.get('shop');
    expect(verified).toMatchObject({
      tls: { kind: 'verified', ca: undefined, servername: 'db.internal' },
    });
    const weak = { ...target, tls: { insecure_plaintext: true } };
    const plain = load(stringify({ ...good, targets: { shop: weak } })).targets.get('shop');
    expect(plain).toMatchObject({ tls: { kind: 'insecure-plaintext' } });
  });

  it('reads IPv6 addresses of targets', () => {
    const shop = { ...target, postgres: '[2001:db8::1]:5433/shop' };
    const config = load(stringify({ ...good, targets: { shop } }));
    expect(config.targets.get('shop')).toMatchObject({ host: '2001:db8::1', port: 5433 });
  });

  it.each([
    ['an unknown key', { ...good, polices: 'x' }, "(top): unknown key 'polices'"],
    ['a missing key', { ...good, state: undefined }, "(top): key 'state' is missing"],
    ['a wrong type', { ...good, policies: 7 }, 'policies: must be string'],
    [
      'a mistake deep inside',
      { ...good, targets: { shop: { ...target, labels: { env: 1 } } } },
      'targets.shop.labels.env: must be string',
    ],
    [
      'a target without a database',
      { ...good, targets: { shop: { ...target, postgres: 'db:5432' } } },
      'targets.shop.postgres: must match pattern',
    ],
    [
      'a port that is none',
      { ...good, targets: { shop: { ...target, postgres: 'db:0/shop' } } },
      'targets.shop.postgres: port must be 1 to 65535',
    ],
    [
      'a limit of nothing',
      { ...good, limits: { statementBytesMax: 0 } },
      'limits.statementBytesMax: must be >= 1024',
    ],
    [
      'plaintext and verification together',
      { ...good, targets: { shop: { ...target, tls: { ca: 'x', insecure_plaintext: true } } } },
      'targets.shop.tls: insecure_plaintext excludes the other keys',
    ],
    ['no targets', { ...good, targets: {} }, 'targets: must NOT have fewer than 1'],
  ])('names the path of %s', (_name, config, message) => {
    expect(() => load(stringify(config))).toThrow(
      expect.objectContaining({
        code: 'config-invalid',
        message: expect.stringContaining(`${file}: ${message}`),
      }),
    );
  });

  it('names every mistake at once', () => {
    expect(() => load(stringify({ ...good, policies: 7, state: 8 }))).toThrow(
      /policies: must be string\n.*state: must be string/,
    );
  });

  it('refuses a key that is given twice, and text that is no YAML', () => {
    expect(() => load(`${stringify(good)}state: ./other\n`)).toThrow(/is not YAML: Map keys/);
    expect(() => load('policies: [')).toThrow(/is not YAML/);
  });

  it('says what to do about a file that is not there', () => {
    expect(() => loadConfig(join(directory, 'missing.yaml'))).toThrow(
      expect.objectContaining({ code: 'config-unreadable', hint: expect.any(String) }),
    );
  });
});
