// Who gets in, with OpenSSH's own client: keys of every kind, certificates, security keys, tokens, codes; and who must go.

import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { OidcServer, SshKeyFiles, TemporaryDirectory } from '#lab';
import {
  createSshKey,
  requiredProgram,
  signSshCertificate,
  sshKeygen,
  startOidc,
  temporaryDirectory,
} from '#lab';
import type { ProgramResult, RunningProgram } from '../support/program.ts';
import { startProgram } from '../support/program.ts';
import { confirmDevice } from '../support/ssh/device-confirmation.ts';
import { SshGateway } from '../support/ssh-gateway.ts';

/** Of Debian's openssh-tests: a security key in software that touches itself. */
const provider = '/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so';
const revocationMsMax = 5_000;

let place: TemporaryDirectory;
let issuer: OidcServer;
let gateway: SshGateway;
let authority: SshKeyFiles;
let stranger: SshKeyFiles;

const at = (name: string) => join(place.path, name);
const read = async (file: string) => (await readFile(file, 'utf8')).trim();
/** JSON is YAML; renamed into place, so that a reader never sees half of it. */
const put = async (file: string, content: unknown) => {
  await writeFile(`${file}.new`, typeof content === 'string' ? content : JSON.stringify(content));
  await rename(`${file}.new`, file);
};

interface Call {
  readonly key?: string;
  readonly user?: string;
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly command?: string;
}

function start({
  key = '/dev/null',
  user = 'box',
  settings = [],
  env = {},
  command,
}: Call): RunningProgram {
  const all = [
    ...settings,
    ...['IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'NumberOfPasswordPrompts=1'],
    `SecurityKeyProvider=${existsSync(provider) ? provider : 'internal'}`,
    ...[`UserKnownHostsFile=${join(gateway.directory, 'known_hosts')}`, `IdentityFile=${key}`],
  ];
  const options = all.flatMap((setting) => ['-o', setting]);
  return startProgram(
    requiredProgram('ssh', 'openssh-client'),
    [
      '-F',
      'none',
      '-p',
      String(gateway.port),
      '-l',
      user,
      ...options,
      '127.0.0.1',
      command ?? 'echo in',
    ],
    { env: { PATH: process.env['PATH'], ...env } },
  );
}
const ssh = (call: Call): Promise<ProgramResult> => start(call).result;
const batch = ['BatchMode=yes'];

/** A program that answers what ssh asks; waits for the file before. */
async function askpass(
  name: string,
  answer: string,
  wait?: string,
): Promise<Record<string, string>> {
  const file = at(name);
  const waiting = wait === undefined ? '' : `while [ ! -e '${wait}' ]; do sleep 0.05; done\n`;
  await writeFile(file, `#!/bin/sh\n${waiting}printf '%s\\n' '${answer}'\n`, { mode: 0o700 });
  return { SSH_ASKPASS: file, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: 'none' };
}

const kinds: readonly (readonly [string, readonly string[]])[] = [
  ['ed25519', ['-t', 'ed25519']],
  ['nistp256', ['-t', 'ecdsa', '-b', '256']],
  ['nistp384', ['-t', 'ecdsa', '-b', '384']],
  ['nistp521', ['-t', 'ecdsa', '-b', '521']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
  ['sk-ed25519', ['-t', 'ed25519-sk']],
  ['sk-ecdsa', ['-t', 'ecdsa-sk']],
];
const made = kinds.filter(([kind]) => !kind.startsWith('sk-') || existsSync(provider));

const keysFile = () => join(gateway.directory, 'ssh-keys.yaml');
const listed = async (...without: readonly string[]) => {
  const keys = [];
  for (const [kind] of made.filter(([each]) => !without.includes(each))) {
    keys.push({ key: await read(at(`${kind}.pub`)), id: `by-${kind}` });
  }
  keys.push({ key: await read(at('elsewhere.pub')), id: 'elsewhere', from: ['192.0.2.0/24'] });
  return { keys };
};

beforeAll(async () => {
  place = await temporaryDirectory();
  issuer = await startOidc({
    users: { ada: { email: 'ada@example.com', groups: ['engineering'] } },
    client: { id: 'gateway', secret: 'unused', redirectUris: ['https://shop.test/back'] },
    ...{ deviceClient: 'terminal', audience: 'https://sallyport.test' },
  });
  for (const [kind, options] of made) {
    const sk = kind.startsWith('sk-') ? ['-w', provider] : [];
    await sshKeygen('-q', ...options, ...sk, '-N', '', '-C', kind, '-f', at(kind));
  }
  for (const name of ['elsewhere', 'certified']) await createSshKey(at(name));
  [authority, stranger] = await Promise.all([
    createSshKey(at('authority')),
    createSshKey(at('stranger')),
  ]);
  await put(at('oidc-ca.crt'), issuer.ca);
  await put(at('principals.yaml'), { principals: [{ name: 'ada@example.com', id: 'ada' }] });
  await put(at('revoked.yaml'), { revoked: [] });
  gateway = await SshGateway.start({
    identity: {
      ssh: {
        keys: './ssh-keys.yaml',
        certificates: { authorities: authority.publicKey, principals: at('principals.yaml') },
        revoked: at('revoked.yaml'),
      },
      oidc: {
        ...{ issuer: issuer.issuer, audience: 'https://sallyport.test', ca: at('oidc-ca.crt') },
        ...{ id: 'email', groups: 'groups' },
        device: { client_id: 'terminal', scopes: ['email', 'groups'] },
      },
    },
  });
  await rewrite(keysFile(), await listed());
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await place.remove();
});

/** Read by the gateway before the next login. */
async function rewrite(file: string, content: unknown): Promise<void> {
  await put(file, content);
  gateway.process.signal('SIGHUP');
}

const lastPrincipal = () =>
  gateway.process.log.findLast(({ event }) => event === 'session-started')?.['principal'];

describe('a key', () => {
  it.each(made)('of kind %s lets in whom it is listed for', async (kind) => {
    const result = await ssh({ key: at(kind), settings: batch });
    expect(result).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(lastPrincipal()).toBe(`by-${kind}`);
  });

  it('of RSA signs with either SHA-2, and with SHA-1 not', async () => {
    const by = (algorithm: string) =>
      ssh({ key: at('rsa'), settings: [...batch, `PubkeyAcceptedAlgorithms=${algorithm}`] });
    expect((await by('rsa-sha2-256')).stdout).toBe('in\n');
    expect((await by('rsa-sha2-512')).stdout).toBe('in\n');
    expect((await by('ssh-rsa')).code).toBe(255);
  });

  it('does not let in from elsewhere, and unknown ones not at all, whatever the name', async () => {
    const results = await Promise.all([
      ssh({ key: at('elsewhere'), settings: batch }),
      ssh({ key: stranger.key, settings: batch }),
      ssh({ key: stranger.key, user: 'root@box', settings: batch }),
      ssh({ key: stranger.key, user: 'nowhere', settings: batch }),
      ssh({ key: stranger.key, user: 'not a name!', settings: batch }),
    ]);
    const said = results.map(({ code, stdout, stderr }) => [
      code,
      stdout,
      stderr.replace(/^.*?@127/, '127'),
    ]);
    expect(new Set(said.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(said[0]).toEqual([
      255,
      '',
      '127.0.0.1: Permission denied (publickey,keyboard-interactive,password).\r\n',
    ]);
  });

  it('tells who is known that there is no such target or account', async () => {
    const [target, account, name] = await Promise.all(
      ['nowhere', 'nobody@box', 'NOT-A-NAME'].map((user) =>
        ssh({ key: at('ed25519'), user, settings: batch }),
      ),
    );
    expect(target?.stderr).toContain("there is no target 'nowhere'");
    expect(account?.stderr).toContain("target box has no account 'nobody'");
    expect(name?.stderr).toContain('log in as TARGET, or as USER@TARGET');
  });
});

describe('a certificate', () => {
  const certify = async (kind: string, change: object = {}) => {
    await signSshCertificate({
      ...{ authority, publicKey: at(`${kind}.pub`), principals: ['ada@example.com'] },
      ...change,
    });
    return { key: at(kind), settings: [...batch, `CertificateFile=${at(`${kind}-cert.pub`)}`] };
  };

  it.each(made)('for a key of kind %s lets in whom it names', async (kind) => {
    await rewrite(keysFile(), { keys: [] });
    const call = await certify(kind);
    expect(await ssh(call)).toMatchObject({ code: 0, stdout: 'in\n' });
    expect(lastPrincipal()).toBe('ada');
  });

  it.each([
    ['of another name', { principals: ['eve@example.com'] }],
    ['of no name', { principals: [] }],
    ['that is over', { validity: '-2h:-1h' }],
    ['from elsewhere', { options: ['source-address=192.0.2.0/24'] }],
    ['with a fixed command', { options: ['force-command=true'] }],
    ['of a host', { host: true }],
  ])('%s does not let in', async (_name, change) => {
    expect((await ssh(await certify('certified', change))).code).toBe(255);
  });

  it('by another authority does not let in', async () => {
    const call = await certify('certified', { authority: stranger });
    expect((await ssh(call)).code).toBe(255);
  });
});

describe('a token', () => {
  it('is a password', async () => {
    const settings = ['PreferredAuthentications=password'];
    const right = await askpass('right', gateway.token());
    expect(await ssh({ settings, env: right })).toMatchObject({ code: 0, stdout: 'in\n' });
    const wrong = await askpass('wrong', `${gateway.token()}x`);
    expect((await ssh({ settings, env: wrong })).code).toBe(255);
  });
});

describe('a code', () => {
  const settings = ['PreferredAuthentications=keyboard-interactive'];

  it('lets in who types it into a browser and logs in there', async () => {
    const done = at('confirmed');
    const env = await askpass('waiting', '', done);
    const running = start({ settings, env });
    await running.says('and enter the code');
    const instruction = running.said();
    await confirmDevice({ ca: issuer.ca, instruction, person: 'ada', agrees: true });
    await writeFile(done, '');
    expect(await running.result).toMatchObject({ code: 0, stdout: expect.stringMatching(/in\n$/) });
    expect(lastPrincipal()).toBe('ada@example.com');
  });

  it('is not needed by who has a token', async () => {
    const env = await askpass('token-instead', gateway.token());
    expect((await ssh({ settings, env })).stdout).toMatch(/in\n$/);
  });
});

describe('a live session', () => {
  const live = async (call: Call) => {
    const mark = gateway.process.log.length;
    const running = start({ ...call, command: 'echo begun; sleep 60' });
    await gateway.process.logged(({ event }) => event === 'session-started', mark);
    return running;
  };

  it.each<[string, () => Promise<Call>, () => Promise<readonly [string, unknown]>]>([
    [
      'when its key is listed no more',
      () => Promise.resolve({ key: at('ed25519'), settings: batch }),
      async () => [keysFile(), await listed('ed25519')],
    ],
    [
      'when its key is revoked',
      () => Promise.resolve({ key: at('nistp256'), settings: batch }),
      async () => {
        const [, fingerprint] = (await sshKeygen('-lf', at('nistp256.pub'))).split(' ');
        return [at('revoked.yaml'), { revoked: [{ key: fingerprint }] }];
      },
    ],
    [
      'when the serial of its certificate is revoked',
      async () => {
        const publicKey = at('certified.pub');
        await signSshCertificate({
          authority,
          publicKey,
          principals: ['ada@example.com'],
          serial: 4711,
        });
        return { key: at('certified'), settings: batch };
      },
      () => Promise.resolve([at('revoked.yaml'), { revoked: [{ serial: 4711 }] }]),
    ],
    [
      'when the name in its certificate is listed no more',
      async () => {
        const publicKey = at('certified.pub');
        await signSshCertificate({
          authority,
          publicKey,
          principals: ['ada@example.com'],
          serial: 1,
        });
        return { key: at('certified'), settings: batch };
      },
      () => Promise.resolve([at('principals.yaml'), { principals: [] }]),
    ],
  ])('ends %s', async (_name, call, change) => {
    await rewrite(keysFile(), await listed());
    const running = await live(await call());
    const [file, content] = await change();
    await put(file, content);
    const begun = Date.now();
    const { code, stderr } = await running.result;
    expect([code, stderr]).toEqual([255, expect.stringContaining('the credential was revoked')]);
    expect(Date.now() - begun).toBeLessThan(revocationMsMax);
  });
});
