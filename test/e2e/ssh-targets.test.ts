// How the gateway reaches its targets: certificates that it makes for one session, keys and authorities that it knows them by.

import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { SshKeyFiles, TemporaryDirectory } from '#lab';
import { createSshKey, signSshCertificate, startSshServer, temporaryDirectory } from '#lab';
import { defaultLimits, sessionId } from '../../engine/model/index.ts';
import { connectTarget } from '../../hosts/ssh/guard/index.ts';
import { openTarget } from '../../hosts/ssh/upstream/index.ts';
import { SshGateway } from '../support/ssh-gateway.ts';

const account = userInfo().username;

let place: TemporaryDirectory;
let authority: SshKeyFiles;

const at = (name: string) => join(place.path, name);
const read = async (file: string) => (await readFile(file, 'utf8')).trim();

beforeAll(async () => {
  place = await temporaryDirectory();
  authority = await createSshKey(at('authority'), { type: 'ecdsa' });
});
afterAll(async () => {
  await place.remove();
});

describe('an authority of users', () => {
  let gateway: SshGateway;

  beforeAll(async () => {
    gateway = await SshGateway.start({
      serverOptions: { authorizedKeys: [], userAuthorities: [await read(authority.publicKey)] },
      box: { credential: { users: [account, 'nobody-here'], authority: { file: authority.key } } },
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  it('signs for one session, which the target’s log names', async () => {
    expect(await gateway.ssh(['echo in'])).toMatchObject({ code: 0, stdout: 'in\n' });
    const started = gateway.process.log.findLast(({ event }) => event === 'session-started');
    const log = await readFile(gateway.server.logFile, 'utf8');
    expect(log).toContain(`Accepted certificate ID "ada ${String(started?.['session'])}"`);
  });

  it('does not make the account choose itself', async () => {
    const { code, stderr } = await gateway.ssh(['echo in'], { target: 'nobody-here@box' });
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining('refuses nobody-here')]);
    const other = await gateway.ssh(['echo in'], { target: 'root-2@box' });
    expect(other.stderr).toContain("no account 'root-2'");
  });
});

describe('a target', () => {
  let hosts: SshKeyFiles;
  let known: SshKeyFiles;

  beforeAll(async () => {
    hosts = await createSshKey(at('hosts'));
    known = await createSshKey(at('host'), { type: 'ecdsa', bits: 384 });
  });

  const reached = async (box: object, certificate: object = {}, command = 'echo in') => {
    const hostCertificate = await signSshCertificate({
      ...{ authority: hosts, publicKey: known.publicKey, principals: ['127.0.0.1'], host: true },
      ...certificate,
    });
    const gateway = await SshGateway.start({
      serverOptions: { hostKey: known.key, hostCertificate },
      limits: { rekeyBytesMax: 1024 * 1024 },
      box,
    });
    try {
      return await gateway.ssh([command]);
    } finally {
      await gateway[Symbol.asyncDispose]();
    }
  };
  const vouched = { host_key: undefined, host_authority: undefined as string | undefined };
  const byAuthority = () => ({ ...vouched, host_authority: hosts.publicKey });

  it('is known by an authority that signed its key for its address, or for another name', async () => {
    // Through several exchanges of keys, at each of which it is asked for.
    const { code, stdout } = await reached(byAuthority(), {}, 'head -c 4000000 /dev/zero');
    expect([code, stdout.length]).toEqual([0, 4_000_000]);
    const named = { ...byAuthority(), host_name: 'web-1.internal' };
    const principals = ['web-1', 'web-1.internal'];
    expect(await reached(named, { principals })).toMatchObject({ code: 0, stdout: 'in\n' });
  });

  it('shows its certificate again at each exchange of keys', async () => {
    const hostCertificate = await signSshCertificate({
      ...{ authority: hosts, publicKey: known.publicKey, principals: ['127.0.0.1'], host: true },
    });
    const own = await createSshKey(at('own'));
    await using server = await startSshServer({
      ...{ hostKey: known.key, hostCertificate, authorizedKeys: [await read(own.publicKey)] },
    });
    const { host, credentialFor } = openTarget(
      {
        ...{ kind: 'ssh', name: 'box', host: server.host, port: server.port, labels: {} },
        trust: { kind: 'authority', file: hosts.publicKey, name: server.host },
        credential: { kind: 'key', users: [account], key: { file: own.key } },
        ...{ forwardLoopback: false, terminalFilter: false, hashOutput: false },
      },
      Date.now,
    );
    const principal = { id: 'ada', kind: 'human', groups: [] } as const;
    const again = Promise.withResolvers<undefined>();
    let asked = 0;
    const target = await connectTarget(connect(server.port, server.host), {
      ...{ username: account, hostKeyAlgorithms: host.algorithms, limits: defaultLimits },
      credential: credentialFor(account, { id: sessionId('1'), principal }),
      verifyHostKey: (key) => {
        const verdict = host.verify(key);
        if ((asked += 1) === 2) again.resolve(undefined);
        return verdict.kind === 'trusted' && (verdict.certified ?? true);
      },
      onEnd: () => undefined,
    });
    target.rekey();
    await again.promise;
    await target.open({ kind: 'session' });
    expect([asked, target.ended]).toEqual([2, false]);
    target.end();
  });

  it.each([
    ['for another host', { principals: ['web-2'] }, 'for web-2, and not for 127.0.0.1'],
    ['that is over', { validity: '-2h:-1h' }, 'not valid now'],
  ])('is not known by a certificate %s', async (_name, certificate, why) => {
    const { code, stderr } = await reached(byAuthority(), certificate);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining(why)]);
  });

  it('is not known by another key than the one that is pinned, nor by a certificate of another authority', async () => {
    const other = await createSshKey(at('other-host'), { type: 'ecdsa', bits: 384 });
    const pinned = await reached({ host_key: other.publicKey });
    expect([pinned.code === 0, pinned.stderr]).toEqual([
      false,
      expect.stringContaining('its host key is SHA256:'),
    ]);
    const vouching = { ...vouched, host_authority: other.publicKey };
    const { code, stderr } = await reached(vouching);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining('no authority of hosts')]);
  });
});
