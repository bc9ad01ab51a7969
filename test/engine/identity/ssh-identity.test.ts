import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { Authenticator } from '../../../engine/identity/index.ts';
import type { SshCertificate } from '../../../engine/identity/index.ts';

/** Made by ssh-keygen, which said these fingerprints. */
const ada = {
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII3ab4ue5esJAStjWqrBPCkqBIAVpgWjlWwa8nSrxAwI ada@laptop',
  fingerprint: 'SHA256:P3Vyp7J5dvY1sCvZy7SNN4H5v6ywtDpNH5hI9m7W7Kk',
};
const robot = {
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOz1SvXbU4T+rks74e6OdLneCQZowehcysId78zxxiZA robot@ci',
  fingerprint: 'SHA256:HpVwujHOVSLTNQx8rBuRmiIbogFs0R5G2YZBL4RGWEA',
};
const authority = {
  line: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIiiWz2SUH6p2ZyOiPZq6/sbpmb5G8JBBqe4fSbBFNvx people',
  fingerprint: 'SHA256:EWeVxTarHYuFJJ3uDHUSc0WK7Hnf2ZHpl9n8nTYykyM',
};
const noon = Date.UTC(2026, 10, 21, 12);
const home = '10.1.2.3';

let directory: string;
let now: number;
let revoked: string[][];

const at = (name: string) => join(directory, name);
const write = (name: string, content: unknown) => {
  writeFileSync(at(name), typeof content === 'string' ? content : stringify(content));
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sallyport-ssh-identity-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const adaKey = { key: ada.line, id: 'ada', groups: ['engineering'] };
const robotKey = { key: robot.line, id: 'robot', kind: 'workload', from: ['10.0.0.0/8', '::1'] };
const adaName = { name: 'ada@example.com', id: 'ada', kind: 'human' };

beforeEach(() => {
  [now, revoked] = [noon, []];
  write('tokens.yaml', { tokens: [] });
  write('keys.yaml', { keys: [adaKey, robotKey] });
  write('authorities.pub', `# people\n${authority.line}\n`);
  write('principals.yaml', { principals: [adaName, { name: 'dba' }] });
  write('revoked.yaml', { revoked: [] });
});

const open = () => {
  const ssh = {
    keys: at('keys.yaml'),
    certificates: { authorities: at('authorities.pub'), principals: at('principals.yaml') },
    revoked: at('revoked.yaml'),
  };
  const tokens = at('tokens.yaml');
  const authenticator = new Authenticator(
    { tokens, clientCertificates: undefined, oidc: undefined, ssh },
    () => now,
  );
  authenticator.events.on('revoked', (credentials) => revoked.push([...credentials]));
  return authenticator;
};

const certificate = (change: Partial<SshCertificate> = {}): SshCertificate => ({
  ...{ fingerprint: 'SHA256:certificate', keyFingerprint: robot.fingerprint, keyId: 'ada-laptop' },
  ...{ authorityFingerprint: authority.fingerprint, serial: 42n, principals: ['ada@example.com'] },
  ...{ validAfter: noon - 1000, validBefore: noon + 3_600_000, networks: undefined },
  ...change,
});

describe('keys of SSH', () => {
  it('stand for whom the file says', () => {
    const door = open();
    expect(door.bySshKey(ada.fingerprint, home)).toEqual({
      principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
      credential: `ssh-key:${ada.fingerprint}`,
      expiresAt: undefined,
    });
    expect(door.bySshKey(authority.fingerprint, home)).toBeUndefined();
    expect(door.bySshKey('', home)).toBeUndefined();
  });

  it('count only from the networks that are listed', () => {
    const door = open();
    const from = (client: string) => door.bySshKey(robot.fingerprint, client)?.principal.id;
    expect([home, '::1'].map(from)).toEqual(['robot', 'robot']);
    expect(['11.0.0.1', '::2', '', 'localhost'].map(from)).toEqual(Array(4).fill(undefined));
  });

  it('end with their date', () => {
    write('keys.yaml', { keys: [{ ...adaKey, expires: '2026-11-21T13:00:00Z' }] });
    const door = open();
    expect(door.bySshKey(ada.fingerprint, home)?.expiresAt).toBe(noon + 3_600_000);
    now = noon + 3_600_000;
    expect(door.bySshKey(ada.fingerprint, home)).toBeUndefined();
  });

  it('are revoked when they are listed no more, from fewer networks, or as revoked', () => {
    const door = open();
    write('keys.yaml', { keys: [adaKey, { ...robotKey, from: ['10.0.0.0/16'] }] });
    door.reload();
    expect(revoked).toEqual([[`ssh-key:${robot.fingerprint}`]]);
    write('revoked.yaml', { revoked: [{ key: ada.fingerprint }] });
    door.reload();
    expect(revoked[1]).toEqual([`ssh-key:${ada.fingerprint}`]);
    expect(door.bySshKey(ada.fingerprint, home)).toBeUndefined();
    door.reload();
    expect(revoked).toHaveLength(2);
    write('keys.yaml', { keys: [] });
    door.reload();
    expect(revoked[2]?.sort()).toEqual(
      [`ssh-key:${ada.fingerprint}`, `ssh-key:${robot.fingerprint}`].sort(),
    );
  });

  it.each([
    ['options before a key', [{ ...adaKey, key: `no-pty ${ada.line}` }], 'keys.0.key'],
    [
      'a type that is not the key’s',
      [{ ...adaKey, key: ada.line.replace('ssh-ed25519', 'ssh-rsa') }],
      'keys.0.key',
    ],
    ['a key listed twice', [adaKey, { ...robotKey, key: ada.line }], 'keys.1.key'],
    ['a network that is none', [{ ...adaKey, from: ['10.0.0.0/33'] }], 'keys.0.from'],
    ['no network', [{ ...adaKey, from: [] }], 'keys.0.from'],
    ['a name of a host', [{ ...adaKey, from: ['home.example'] }], 'keys.0.from'],
    ['a date that is none', [{ ...adaKey, expires: '2026-13-45T99:00:00Z' }], 'keys.0.expires'],
    ['an unknown key', [{ ...adaKey, command: 'true' }], "keys.0: unknown key 'command'"],
  ])('refuse %s by its path', (_name, keys, path) => {
    write('keys.yaml', { keys });
    expect(open).toThrow(path);
  });
});

describe('certificates of SSH', () => {
  it('stand for the one listed name in them, until the first of their ends', () => {
    const door = open();
    expect(
      door.bySshCertificate(certificate({ principals: ['x', 'ada@example.com'] }), home),
    ).toEqual({
      principal: { id: 'ada', kind: 'human', groups: [] },
      credential: 'ssh-certificate:SHA256:certificate',
      expiresAt: noon + 3_600_000,
    });
    expect(door.bySshCertificate(certificate({ validBefore: undefined }), home)?.expiresAt).toBe(
      undefined,
    );
  });

  it.each<[string, Partial<SshCertificate>]>([
    ['another authority', { authorityFingerprint: ada.fingerprint }],
    ['no name', { principals: [] }],
    ['no listed name', { principals: ['eve@example.com'] }],
    ['two listed names', { principals: ['ada@example.com', 'dba'] }],
    ['a name in another case', { principals: ['Ada@example.com'] }],
    ['a time to come', { validAfter: noon + 1 }],
    ['a time that is over', { validBefore: noon }],
    ['a time that never was', { validAfter: NaN }],
    ['another network', { networks: ['192.168.0.0/16'] }],
    ['a network that is none', { networks: ['10.0.0.0/8', 'x'] }],
  ])('with %s stand for nobody', (_name, change) => {
    expect(open().bySshCertificate(certificate(change), home)).toBeUndefined();
  });

  const revocations: readonly [string, object][] = [
    ['the key', { key: robot.fingerprint }],
    ['the authority', { key: authority.fingerprint }],
    ['the serial', { serial: 42 }],
    ['the serial as a text', { serial: '42' }],
    ['the serial of its authority', { serial: 42, authority: authority.fingerprint }],
    ['the key id', { key_id: 'ada-laptop' }],
  ];
  it.each(revocations)('end when %s is revoked', (_name, record) => {
    const door = open();
    expect(door.bySshCertificate(certificate(), home)).toBeDefined();
    write('revoked.yaml', { revoked: [record] });
    door.reload();
    expect(revoked.flat().filter((id) => id.startsWith('ssh-certificate:'))).toEqual([
      'ssh-certificate:SHA256:certificate',
    ]);
    expect(door.bySshCertificate(certificate(), home)).toBeUndefined();
  });

  it.each([
    ['another serial', { serial: 41 }],
    ['the serial of another authority', { serial: 42, authority: ada.fingerprint }],
    ['the key id of another authority', { key_id: 'ada-laptop', authority: ada.fingerprint }],
    ['a key id that reads like the serial', { key_id: '42' }],
  ])('stay when %s is revoked', (_name, record) => {
    const door = open();
    expect(door.bySshCertificate(certificate(), home)).toBeDefined();
    write('revoked.yaml', { revoked: [record] });
    door.reload();
    expect(revoked).toEqual([]);
    expect(door.bySshCertificate(certificate(), home)).toBeDefined();
  });

  it('tell serials apart that no number of JavaScript does', () => {
    const serial = 2n ** 64n - 1n;
    write('revoked.yaml', { revoked: [{ serial: String(serial) }] });
    const door = open();
    expect(door.bySshCertificate(certificate({ serial }), home)).toBeUndefined();
    expect(door.bySshCertificate(certificate({ serial: serial - 1n }), home)).toBeDefined();
  });

  it('end with their authority, with their name, and with what the name stood for', () => {
    const door = open();
    const changes: readonly [string, unknown][] = [
      ['principals.yaml', { principals: [{ ...adaName, groups: ['dba'] }] }],
      ['principals.yaml', { principals: [{ name: 'dba' }] }],
      ['authorities.pub', ada.line],
    ];
    for (const [index, [file, content]] of changes.entries()) {
      write('principals.yaml', { principals: [adaName] });
      door.reload();
      revoked = [];
      expect(door.bySshCertificate(certificate(), home)).toBeDefined();
      write(file, content);
      door.reload();
      expect([index, revoked]).toEqual([index, [['ssh-certificate:SHA256:certificate']]]);
    }
  });

  it('are not judged by a file that is wrong', () => {
    const door = open();
    const rejected: unknown[] = [];
    door.events.on('rejected', (error) => rejected.push(error));
    expect(door.bySshCertificate(certificate(), home)).toBeDefined();
    write('authorities.pub', 'ssh-rsa nonsense');
    write('revoked.yaml', { revoked: [{ serial: 0 }] });
    door.reload();
    expect([rejected.length, revoked]).toEqual([2, []]);
    expect(door.bySshCertificate(certificate(), home)).toBeDefined();
  });

  it.each([
    ['nothing', {}],
    ['two marks', { serial: 1, key_id: 'a' }],
    ['an authority alone', { authority: authority.fingerprint }],
    ['an authority of a key', { key: ada.fingerprint, authority: authority.fingerprint }],
    ['the serial that all have who have none', { serial: 0 }],
    ['a key by its line', { key: ada.line }],
  ])('cannot be revoked by %s', (_name, record) => {
    write('revoked.yaml', { revoked: [record] });
    expect(open).toThrow('revoked.0');
  });

  it('need an authority', () => {
    write('authorities.pub', '# none yet\n');
    expect(open).toThrow('holds no public key');
  });
});
