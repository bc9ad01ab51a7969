// Targets whose connections are all read into one buffer, as the gateway dials them: what one sends must not become another's.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { sessionId } from '#engine';
import { defaultLimits } from '#engine/model';
import type { SshKeyFiles, SshServer, TemporaryDirectory } from '#lab';
import { createSshKey, startSshServer, temporaryDirectory } from '#lab';
import { dial } from '#transport';
import type { GuardedTarget } from '../../../hosts/ssh/guard/index.ts';
import { connectTarget } from '../../../hosts/ssh/guard/index.ts';
import { openTarget } from '../../../hosts/ssh/upstream/index.ts';
import { describeIf } from '../../support/describe-if.ts';

let directory: TemporaryDirectory;
let own: SshKeyFiles;

beforeAll(async () => {
  directory = await temporaryDirectory();
  own = await createSshKey(join(directory.path, 'own'));
});

afterAll(async () => {
  await directory.remove();
});

const serving = async (settings: readonly string[]): Promise<SshServer> =>
  startSshServer({ settings, authorizedKeys: [await readFile(own.publicKey, 'utf8')] });

async function reach(server: SshServer): Promise<GuardedTarget> {
  const { host, port, user } = server;
  const { host: known, credentialFor } = openTarget(
    {
      ...{ kind: 'ssh', name: 'box', host, port, labels: {} },
      trust: { kind: 'keys', file: server.hostKey },
      credential: { kind: 'key', users: [user], key: { file: own.key } },
      ...{ forwardLoopback: false, terminalFilter: false, hashOutput: false },
    },
    Date.now,
  );
  const principal = { id: 'ada', kind: 'human', groups: [] } as const;
  const signal = AbortSignal.timeout(20_000);
  return connectTarget(await dial({ address: { host, port }, signal, passingReads: true }), {
    ...{ username: user, hostKeyAlgorithms: known.algorithms, limits: defaultLimits },
    credential: credentialFor(user, { id: sessionId('1'), principal }),
    verifyHostKey: (key) => known.verify(key).kind === 'trusted',
    onEnd: () => undefined,
  });
}

async function outputOf(target: GuardedTarget, command: string): Promise<string> {
  const channel = await target.open({ kind: 'session' });
  expect(await channel.ask({ kind: 'exec', command: Buffer.from(command) })).toBe(true);
  return (await buffer(channel.input)).toString('latin1');
}

describeIf('sshd', 'targets that are read into one buffer', () => {
  it.each(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr'])(
    'keep their bytes apart, through new keys: %s',
    async (cipher) => {
      await using server = await serving([`Ciphers ${cipher}`, 'RekeyLimit 1M']);
      const targets = await Promise.all([1, 2, 3].map(() => reach(server)));
      const outputs = await Promise.all(
        targets.map((target, at) =>
          outputOf(target, `yes "line of target ${at}" | head -n 200000`),
        ),
      );
      for (const [at, output] of outputs.entries()) {
        expect(output === `line of target ${at}\n`.repeat(200_000)).toBe(true);
      }
      for (const target of targets) target.end();
    },
  );

  it('have packets that wait for a later turn kept for them', async () => {
    await using server = await serving(['AcceptEnv ASKED_*']);
    const targets = await Promise.all([1, 2].map(() => reach(server)));
    const answers = targets.map(async (target, of) => {
      const channel = await target.open({ kind: 'session' });
      const asked = Array.from({ length: 400 }, (_, at) => (at + of) % 20 === 0);
      for (let round = 0; round < 4; round += 1) {
        const granted = asked.map((accepted) => {
          const name = accepted ? 'ASKED_FOR' : 'OTHER';
          return channel.ask({ kind: 'env', name, value: Buffer.from('x') });
        });
        expect(await Promise.all(granted)).toEqual(asked);
      }
      return target.ended;
    });
    expect(await Promise.all(answers)).toEqual([false, false]);
    for (const target of targets) target.end();
  });
});
