import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { Authenticator, createToken, hashToken } from '../../../engine/identity/index.ts';

const only = (tokens: string) => ({
  tokens,
  clientCertificates: undefined,
  oidc: undefined,
  ssh: undefined,
});
const noon = Date.UTC(2026, 10, 21, 12);

describe('API tokens', () => {
  const ada = createToken();
  const robot = createToken();
  let directory: string;
  let file: string;

  const listed = (...tokens: object[]) => {
    writeFileSync(file, stringify({ tokens }));
  };
  const adaEntry = { id: 'ada', groups: ['engineering'], hash: ada.hash };
  const robotEntry = {
    id: 'robot',
    kind: 'workload',
    hash: robot.hash,
    expires: '2026-11-21T13:00:00Z',
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sallyport-tokens-'));
    file = join(directory, 'tokens.yaml');
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('are random and are kept as hashes only', () => {
    expect(ada.token).toMatch(/^slp_[\w-]{32}$/);
    expect(ada.token).not.toBe(robot.token);
    expect(ada.hash).toBe(hashToken(ada.token));
    expect(ada.hash).not.toContain(ada.token);
  });

  it('name their holder until they expire', () => {
    listed(adaEntry, robotEntry);
    let now = noon;
    const authenticator = new Authenticator(only(file), () => now);
    expect(authenticator.byToken(ada.token)).toEqual({
      principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
      credential: ada.hash,
      expiresAt: undefined,
    });
    expect(authenticator.byToken(robot.token)?.principal.kind).toBe('workload');
    now = Date.UTC(2026, 10, 21, 13);
    expect(authenticator.byToken(robot.token)).toBeUndefined();
    for (const wrong of ['', 'slp_', ada.hash, `${ada.token} `]) {
      expect(authenticator.byToken(wrong)).toBeUndefined();
    }
  });

  it('are revoked when the file no longer lists them, or lists another holder', () => {
    listed(adaEntry, robotEntry);
    const authenticator = new Authenticator(only(file), () => noon);
    const revoked: string[][] = [];
    authenticator.events.on('revoked', (credentials) => revoked.push([...credentials]));
    listed({ ...adaEntry, groups: ['engineering', 'dba'] }, robotEntry);
    authenticator.reload();
    listed({ ...adaEntry, groups: ['engineering', 'dba'] });
    authenticator.reload();
    expect(revoked).toEqual([[ada.hash], [robot.hash]]);
    expect(authenticator.byToken(robot.token)).toBeUndefined();
  });

  it('are revoked when they are to end earlier, not when they may stay longer', () => {
    listed(adaEntry, robotEntry);
    const authenticator = new Authenticator(only(file), () => noon);
    const revoked: string[][] = [];
    authenticator.events.on('revoked', (credentials) => revoked.push([...credentials]));
    listed(adaEntry, { ...robotEntry, expires: '2026-11-21T14:00:00Z' });
    authenticator.reload();
    expect(revoked).toEqual([]);
    listed({ ...adaEntry, expires: '2026-11-22T00:00:00Z' }, robotEntry);
    authenticator.reload();
    expect(revoked).toEqual([[ada.hash, robot.hash]]);
  });

  it('are revoked however soon a file is replaced again', async () => {
    listed(adaEntry, robotEntry);
    const authenticator = new Authenticator(only(file), () => noon);
    const replace = (...tokens: object[]) => {
      writeFileSync(`${file}.new`, stringify({ tokens }));
      renameSync(`${file}.new`, file);
    };
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const revoked = new Set<string>();
    authenticator.events.on('revoked', (credentials) => {
      for (const credential of credentials) revoked.add(credential);
      if (revoked.size === 2) resolve(undefined);
    });
    authenticator.watch();
    replace(robotEntry);
    await delay(20);
    replace();
    await promise;
    expect(revoked).toEqual(new Set([ada.hash, robot.hash]));
    await authenticator.close();
  });

  it('stay as they were when the file becomes wrong', () => {
    listed(adaEntry);
    const authenticator = new Authenticator(only(file), () => noon);
    const rejected: unknown[] = [];
    authenticator.events.on('rejected', (error) => rejected.push(error));
    writeFileSync(file, 'tokens: [');
    authenticator.reload();
    expect(rejected).toHaveLength(1);
    expect(authenticator.byToken(ada.token)).toBeDefined();
  });

  it.each([
    ['a hash that is none', [{ ...adaEntry, hash: 'sha256:abc' }], 'tokens.0.hash'],
    ['a hash listed twice', [adaEntry, { ...robotEntry, hash: ada.hash }], 'tokens.1.hash'],
    ['a date that is none', [{ ...adaEntry, expires: '2026-13-45T99:00:00Z' }], 'tokens.0.expires'],
    ['an unknown key', [{ ...adaEntry, password: 'x' }], "tokens.0: unknown key 'password'"],
  ])('refuse %s by its path', (_name, tokens, path) => {
    listed(...tokens);
    expect(() => new Authenticator(only(file), () => noon)).toThrow(path);
  });
});
