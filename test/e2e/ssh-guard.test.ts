// OpenSSH's client through both legs to OpenSSH's server: output, input, exits, terminals, bulk, new keys.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';

import type { SshServer, TemporaryDirectory } from '#lab';
import { createSshKey, startSshServer, temporaryDirectory } from '#lab';

import { describeIf } from '../support/describe-if.ts';
import type { SmallServer } from '../support/ssh/small-server.ts';
import { startSmallServer } from '../support/ssh/small-server.ts';

interface Ran {
  readonly status: number;
  readonly out: Buffer;
  readonly error: string;
}

let directory: TemporaryDirectory;
let sshd: SshServer;
let gateway: SmallServer;
let key: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const files = await createSshKey(join(directory.path, 'key'));
  key = files.key;
  sshd = await startSshServer({ authorizedKeys: [await readFile(files.publicKey, 'utf8')] });
  const [parsed] = [ssh2.utils.parseKey(await readFile(key))].flat();
  if (parsed === undefined || parsed instanceof Error) throw new Error('no key');
  gateway = await startSmallServer({
    open: true,
    target: {
      port: sshd.port,
      username: sshd.user,
      credential: {
        kind: 'key',
        algorithm: 'ssh-ed25519',
        publicKey: parsed.getPublicSSH(),
        sign: (bytes) =>
          Buffer.concat([text(Buffer.from('ssh-ed25519')), text(parsed.sign(bytes))]),
      },
    },
  });
});

afterAll(async () => {
  await gateway.close();
  await sshd.stop();
  await directory.remove();
});

function text(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const calm = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];

function ssh(args: readonly string[], input = Buffer.alloc(0)): Promise<Ran> {
  const options = [...calm, 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option]);
  const all = ['-F', 'none', ...options, '-i', key, '-p', String(gateway.port), ...args];
  return new Promise((resolve) => {
    const child = execFile(
      'ssh',
      all,
      { encoding: 'buffer', maxBuffer: 2 ** 30, timeout: 50_000 },
      (error, out, complaint) => {
        const status = error === null ? 0 : Number(error.code);
        resolve({ status, out, error: complaint.toString() });
      },
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
}

describeIf('ssh', 'an OpenSSH client', () => {
  it('gets output, errors and the exit status', async () => {
    const ran = await ssh(['x@127.0.0.1', 'echo out; echo error >&2; exit 7']);
    expect(ran).toEqual({ status: 7, out: Buffer.from('out\n'), error: 'error\n' });
  });

  it('is asked for AES-GCM when it moves much and knows it, and only then', async () => {
    const ciphersOf = async (options: readonly string[], bytes: number): Promise<string[]> => {
      const command = `head -c ${bytes} /dev/zero`;
      const { status, out, error } = await ssh(['-v', ...options, 'x@127.0.0.1', command]);
      expect([status, out.length]).toEqual([0, bytes]);
      return Array.from(error.matchAll(/server->client cipher: (\S+)/g), ([, name]) => name ?? '');
    };
    const both = 'Ciphers=aes256-ctr,aes128-gcm@openssh.com';
    const changed = ['aes256-ctr', 'aes128-gcm@openssh.com'];
    expect(await ciphersOf(['-o', both], 20_000_000)).toEqual(changed);
    expect(await ciphersOf(['-o', both], 1000)).toEqual(['aes256-ctr']);
    expect(await ciphersOf(['-o', 'Ciphers=aes256-ctr'], 3_000_000)).toEqual(['aes256-ctr']);
  });

  it('is told of a signal', async () => {
    expect(await ssh(['x@127.0.0.1', 'kill -KILL $$'])).toMatchObject({ status: 255 });
  });

  it('gives input, and its end', async () => {
    const input = Buffer.alloc(3_000_000, 'sallyport');
    const ran = await ssh(['x@127.0.0.1', 'cat'], input);
    expect(ran.status).toBe(0);
    expect(ran.out.equals(input)).toBe(true);
  });

  it('has a terminal of its size', async () => {
    const ran = await ssh(['-tt', 'x@127.0.0.1', 'test -t 0 && echo "$TERM" && stty -a | head -1']);
    expect(ran.status).toBe(0);
    expect(ran.out.toString()).toContain('rows 0; columns 0');
  });

  it.each(['aes128-gcm@openssh.com', 'aes256-ctr'])(
    'moves bulk, with new keys on the way: %s',
    async (cipher) => {
      const ran = await ssh([
        '-c',
        cipher,
        '-o',
        'RekeyLimit=4M',
        'x@127.0.0.1',
        'head -c 20000000 /dev/zero',
      ]);
      expect(ran.status).toBe(0);
      expect(ran.out.equals(Buffer.alloc(20_000_000))).toBe(true);
    },
  );

  it.each(['curve25519-sha256', 'ecdh-sha2-nistp521', 'diffie-hellman-group16-sha512'])(
    'agrees on keys: %s',
    async (exchange) => {
      const ran = await ssh(['-o', `KexAlgorithms=${exchange}`, 'x@127.0.0.1', 'echo keys']);
      expect(ran.out.toString()).toBe('keys\n');
    },
  );

  it('is refused compression, and goes on without', async () => {
    expect((await ssh(['-C', 'x@127.0.0.1', 'echo plain'])).out.toString()).toBe('plain\n');
  });

  it('runs many commands at once on one connection', async () => {
    const socket = join(directory.path, 'control');
    const shared = ['-o', `ControlPath=${socket}`];
    const master = ssh([...shared, '-M', 'x@127.0.0.1', 'sleep 5; echo master']);
    const ready = ['-O', 'check', ...shared, 'x@127.0.0.1'];
    while ((await ssh(ready)).status !== 0) await new Promise(setImmediate);
    const commands = Array.from({ length: 12 }, (_, at) => `echo ${at}; exit ${at}`);
    const ran = await Promise.all(
      commands.map((command) => ssh([...shared, 'x@127.0.0.1', command])),
    );
    expect(ran.map(({ status }) => status)).toEqual(commands.map((_, at) => at));
    expect((await master).out.toString()).toBe('master\n');
  });
});
