// Keys, signatures and certificates against OpenSSH's own programs, in both directions.

import { execFile } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { utils } from 'ssh2';

import type { CertificateContent, Signer } from '../../hosts/ssh/wire/index.ts';
import {
  FieldReader,
  FieldWriter,
  decodeCertificate,
  decodeSignature,
  encodeCertificateContent,
  formatPublicKeyLine,
  mintCertificate,
  noOptions,
  readPublicKeyLine,
  signerOf,
  typeOf,
  verifySignature,
} from '../../hosts/ssh/wire/index.ts';
import type { SshKeyFiles, SshServer, TemporaryDirectory } from '#lab';
import {
  createSshKey,
  requiredProgram,
  signSshCertificate,
  sshKeygen,
  startSshServer,
  temporaryDirectory,
} from '#lab';

const run = promisify(execFile);

/** Of Debian's openssh-tests: a security key in software that touches itself. */
const provider = '/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so';

const kinds = [
  ['ssh-ed25519', ['-t', 'ed25519']],
  ['ecdsa-sha2-nistp256', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa-sha2-nistp384', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa-sha2-nistp521', ['-t', 'ecdsa', '-b', '521']],
  ['ssh-rsa', ['-t', 'rsa', '-b', '3072']],
  ['sk-ssh-ed25519@openssh.com', ['-t', 'ed25519-sk']],
  ['sk-ecdsa-sha2-nistp256@openssh.com', ['-t', 'ecdsa-sk']],
] as const;

let place: TemporaryDirectory;
let authority: SshKeyFiles;
let count = 0;
const at = (name: string) => join(place.path, name);
const read = (file: string) => readFile(file, 'utf8');
const keygen = (...args: readonly string[]) =>
  run(requiredProgram('ssh-keygen', 'openssh-client'), [...args], {
    env: { ...process.env, SSH_SK_PROVIDER: provider },
  });

async function newKey(options: readonly string[]): Promise<string> {
  const file = at(`key-${(count += 1)}`);
  await keygen('-q', ...options, '-N', '', '-C', 'a key', '-f', file);
  return file;
}

async function signerFrom(file: string): Promise<Signer> {
  const parsed = utils.parseKey(await read(file));
  if (parsed instanceof Error) throw parsed;
  return signerOf(createPrivateKey(parsed.getPrivatePEM()), parsed.getPublicSSH());
}

beforeAll(async () => {
  place = await temporaryDirectory();
  authority = await createSshKey(at('authority'), { type: 'ecdsa', comment: 'people' });
});
afterAll(async () => {
  await place.remove();
});

describe('what ssh-keygen makes', () => {
  const made = kinds.filter(([type]) => !type.startsWith('sk-') || existsSync(provider));

  it.each(made)('is read: a key of type %s', async (type, options) => {
    const file = await newKey(options);
    const line = (await read(`${file}.pub`)).trim();
    const listed = readPublicKeyLine(line);
    const { stdout } = await keygen('-l', '-f', `${file}.pub`);
    expect([typeOf(listed.key), listed.comment]).toEqual([type, 'a key']);
    expect(stdout).toContain(` ${listed.fingerprint} `);
    expect(formatPublicKeyLine(listed.key, listed.comment)).toBe(line);
  });

  it.each(made)('is verified: a signature by a key of type %s', async (_type, options) => {
    const file = await newKey(options);
    const { key } = readPublicKeyLine(await read(`${file}.pub`));
    const signed = `${file}-message`;
    await writeFile(signed, 'log me in');
    await keygen('-q', '-Y', 'sign', '-n', 'test', '-f', file, signed);
    const [signature, message] = await signedFile(`${signed}.sig`, 'log me in');
    expect(verifySignature(key, signature, { message })).toBe('good');
    const other = Buffer.concat([message, Buffer.of(0)]);
    expect(verifySignature(key, signature, { message: other })).toBe('bad');
  });

  it.each(made)(
    'is read and verified: a certificate for a key of type %s',
    async (type, options) => {
      const file = await newKey(options);
      const signed = await signSshCertificate({
        ...{ authority, publicKey: `${file}.pub`, principals: ['ada', 'dba'], id: 'ada-laptop' },
        ...{ serial: 4711, options: ['source-address=10.0.0.0/8,::1/128', 'no-x11-forwarding'] },
      });
      const [name = '', base64 = ''] = (await read(signed)).split(' ');
      const certificate = decodeCertificate(Buffer.from(base64, 'base64'));
      expect(name.replace('-cert-v01@openssh.com', '')).toBe(type.replace('@openssh.com', ''));
      expect(certificate).toMatchObject({
        ...{ holder: 'user', serial: 4711n, keyId: 'ada-laptop', principals: ['ada', 'dba'] },
        keyFingerprint: readPublicKeyLine(await read(`${file}.pub`)).fingerprint,
        authorityFingerprint: readPublicKeyLine(await read(authority.publicKey)).fingerprint,
        options: {
          ...{ forceCommand: undefined, sourceAddress: ['10.0.0.0/8', '::1/128'] },
          extensions: expect.not.arrayContaining(['permit-X11-forwarding']),
        },
      });
      const content = encodeCertificateContent(certificate);
      expect(content).toEqual(Buffer.from(base64, 'base64').subarray(0, content.length));
    },
  );
});

/** `ssh-keygen -Y sign` (OpenSSH PROTOCOL.sshsig): the signature and what it is over. */
async function signedFile(file: string, content: string) {
  const lines = (await read(file)).trim().split('\n').slice(1, -1);
  const fields = new FieldReader(Buffer.from(lines.join(''), 'base64').subarray(6 + 4));
  fields.string();
  const [namespace, reserved, hash] = [fields.string(), fields.string(), fields.text()];
  const signature = decodeSignature(fields.string());
  const digest = createHash(hash).update(content).digest();
  const message = new FieldWriter().bytes(Buffer.from('SSHSIG'));
  for (const part of [namespace, reserved, hash, digest]) message.string(part);
  return [signature, message.done()] as const;
}

describe('what the gateway makes', () => {
  let server: SshServer;
  let signer: Signer;
  let key: SshKeyFiles;

  beforeAll(async () => {
    key = await createSshKey(at('session'));
    signer = await signerFrom(authority.key);
    server = await startSshServer({ userAuthorities: [await read(authority.publicKey)] });
    const host = await read(server.hostKey);
    await writeFile(at('known_hosts'), `[127.0.0.1]:${server.port} ${host}`);
  });
  afterAll(async () => {
    await server.stop();
  });

  const now = BigInt(Math.floor(Date.now() / 1000));
  const mint = async (change: Partial<CertificateContent> = {}): Promise<string> => {
    const { key: holder } = readPublicKeyLine(await read(key.publicKey));
    const blob = mintCertificate(
      {
        ...{ holder: 'user', key: holder, serial: 4711n, keyId: 'ada 0815' },
        ...{ principals: [server.user], validAfter: now - 60n, validBefore: now + 300n },
        options: { ...noOptions, extensions: ['permit-port-forwarding', 'permit-pty'] },
        ...change,
      },
      signer,
    );
    const line = `ssh-ed25519-cert-v01@openssh.com ${blob.toString('base64')} minted\n`;
    await writeFile(at('session-cert.pub'), line);
    return at('session-cert.pub');
  };
  const login = async (): Promise<string> => {
    const options = [
      'BatchMode=yes',
      'IdentitiesOnly=yes',
      `UserKnownHostsFile=${at('known_hosts')}`,
    ];
    const { stdout } = await run(requiredProgram('ssh', 'openssh-client'), [
      ...['-F', 'none', '-i', key.key, '-p', String(server.port)],
      ...options.flatMap((option) => ['-o', option]),
      ...[`${server.user}@127.0.0.1`, 'echo in'],
    ]);
    return stdout;
  };

  it('is a certificate as ssh-keygen prints it', async () => {
    const printed = await sshKeygen('-L', '-f', await mint());
    expect(printed).toContain('Key ID: "ada 0815"');
    expect(printed).toContain('Serial: 4711');
    expect(printed).toMatch(/Principals: \n\s+\S+\n\s+Critical Options: \(none\)/);
    expect(printed).toMatch(/Extensions: \n\s+permit-port-forwarding\n\s+permit-pty/);
  });

  it('lets in at sshd, which logs for whom', async () => {
    await mint();
    expect(await login()).toBe('in\n');
    expect(await read(server.logFile)).toContain(
      'Accepted certificate ID "ada 0815" (serial 4711)',
    );
  });

  it.each<[string, Partial<CertificateContent>]>([
    ['for another account', { principals: ['somebody-else'] }],
    ['that is over', { validBefore: now - 1n }],
    ['that is of a host', { holder: 'host' }],
    ['from elsewhere', { options: { ...noOptions, sourceAddress: ['192.0.2.0/24'] } }],
  ])('does not let in with a certificate %s', async (_name, change) => {
    await mint(change);
    await expect(login()).rejects.toThrow('Permission denied');
  });
});
