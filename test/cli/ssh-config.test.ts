import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { utils } from 'ssh2';
import { stringify } from 'yaml';

import { cli, writeGateway } from './run-cli.ts';

let cwd: string;
let hostKey: string;
const short = utils.generateKeyPairSync('rsa', { bits: 1024 }).public;
const pair = () => utils.generateKeyPairSync('ed25519');
const write = (name: string, text: string) => writeFile(join(cwd, name), text, { mode: 0o600 });

const target = (credential: object) => ({
  ...{ ssh: 'web-1.internal:22', host_key: './web-1.pub', credential },
});
const configOf = (change: object = {}) => ({
  ...{ policies: './policies', state: './state' },
  identity: {
    tokens: './tokens.yaml',
    ssh: {
      keys: './ssh-keys.yaml',
      certificates: { authorities: './ca.pub', principals: './principals.yaml' },
      revoked: './ssh-revoked.yaml',
    },
  },
  tls: { certificate: './tls/gateway.crt', key: './tls/gateway.key' },
  listen: { ssh: '0.0.0.0:2222' },
  ssh: { host_keys: ['./host_key'] },
  targets: {
    'web-1': target({ users: ['deploy', 'app'], authority: { file: './target-key' } }),
    'web-2': target({ user: 'root', key: { file: './target-key' } }),
  },
  ...change,
});
const configure = (change: object = {}) =>
  writeFile(join(cwd, 'ssh.yaml'), stringify(configOf(change)));
const run = (...args: readonly string[]) => cli([...args, '--config', 'ssh.yaml'], { cwd });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sallyport-ssh-config-'));
  writeGateway(cwd);
  const keys = pair();
  hostKey = keys.public;
  await write('host_key', keys.private);
  await write('target-key', pair().private);
  await write('web-1.pub', pair().public);
  await write('ca.pub', pair().public);
  await write('ssh-keys.yaml', stringify({ keys: [{ key: pair().public, id: 'ada' }] }));
  await write('principals.yaml', stringify({ principals: [{ name: 'ada' }] }));
  await write('ssh-revoked.yaml', stringify({ revoked: [{ serial: 1 }] }));
  await mkdir(join(cwd, 'state'), { recursive: true });
  await configure();
});
afterAll(async () => {
  await rm(cwd, { recursive: true });
});

describe('sallyport ssh-config', () => {
  it('names every account of every target for ssh', async () => {
    const { code, out, err } = await run('ssh-config', '--host', 'gateway.example');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(
      out.split('\n\n').map((section) =>
        section
          .split('\n')
          .map((line) => line.trim())
          .slice(0, 4),
      ),
    ).toEqual([
      ['Host web-1', 'HostName gateway.example', 'Port 2222', 'User web-1'],
      ['Host app.web-1', 'HostName gateway.example', 'Port 2222', 'User app@web-1'],
      ['Host web-2', 'HostName gateway.example', 'Port 2222', 'User web-2'],
      [''],
    ]);
  });

  it('prints the lines by which the gateway is recognised', async () => {
    const key = hostKey.split(' ').slice(0, 2).join(' ');
    const { out } = await run('ssh-config', '--host', 'gateway.example', '--known-hosts');
    expect(out).toBe(`[gateway.example]:2222 ${key}\n`);
    const usual = await run('ssh-config', '--host', 'gw', '--port', '22', '--known-hosts');
    expect(usual.out).toBe(`gw ${key}\n`);
    const { out: json } = await run('ssh-config', '--host', 'gw', '--json');
    expect(JSON.parse(json)).toMatchObject({
      host: 'gw',
      port: 2222,
      knownHosts: [`[gw]:2222 ${key}`],
    });
  });

  it('makes the key that the gateway will have', async () => {
    await configure({ ssh: {} });
    const lines = await Promise.all(
      [1, 2].map(async () => (await run('ssh-config', '--host', 'gw', '--known-hosts')).out),
    );
    expect(lines[0]).toMatch(/^\[gw\]:2222 ssh-ed25519 \S+\n$/);
    expect(lines[1]).toBe(lines[0]);
    await configure();
  });

  it.each([
    ['a host with a line break', ['--host', 'gw\nProxyCommand x'], 'is no name and no address'],
    ['an option as a host', ['--host=-oProxyCommand=x'], 'is no name and no address'],
    ['a port that is none', ['--host', 'gw', '--port', '70000'], 'say which --port'],
  ])('refuses %s', async (_name, args, message) => {
    const { code, err } = await run('ssh-config', ...args);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('sallyport check of SSH', () => {
  it('is content with a whole gateway', async () => {
    const { code, err } = await run('check');
    expect([code, err]).toEqual([0, '']);
  });

  it.each([
    ['target-key', 'hunter2', 'targets.web-1.credential.authority: is no private key'],
    ['web-1.pub', 'ssh-ed25519 AAAA', 'targets.web-1.host_key'],
    ['host_key', 'hunter2', 'host key'],
    ['ca.pub', '# nobody yet', 'ca.pub: holds no public key'],
    ['ssh-keys.yaml', 'keys: [{key: x, id: ada}]', 'keys.0.key: is no public key'],
    [
      'ssh-keys.yaml',
      JSON.stringify({ keys: [{ key: short, id: 'ada' }] }),
      'keys.0.key: is no key that is ever accepted',
    ],
    ['ca.pub', short, 'ca.pub:1: is no key that is ever accepted'],
    ['principals.yaml', 'principals: [{}]', "key 'name' is missing"],
    ['ssh-revoked.yaml', 'revoked: [{}]', 'revoked.0'],
  ])('finds what is wrong with %s', async (name, text, message) => {
    const file = join(cwd, name);
    const before = await readFile(file, 'utf8');
    await writeFile(file, text);
    const { code, err } = await run('check');
    await writeFile(file, before);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });

  it('warns of private keys that others can read', async () => {
    await chmod(join(cwd, 'target-key'), 0o644);
    const { code, err } = await run('check');
    await chmod(join(cwd, 'target-key'), 0o600);
    expect([code, err]).toEqual([0, expect.stringContaining('can read the private key')]);
  });
});
