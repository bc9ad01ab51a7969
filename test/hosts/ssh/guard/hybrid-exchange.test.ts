// The hybrid exchange of keys between both legs of the gateway, and that it is not had where it cannot be.

import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { defaultLimits } from '../../../../engine/model/index.ts';
import { hybridAvailable, hybridName } from '../../../../hosts/ssh/guard/hybrid-exchange.ts';
import { offerOf } from '../../../../hosts/ssh/guard/algorithms.ts';
import { Transport } from '../../../../hosts/ssh/guard/transport.ts';
import type { TransportEnd } from '../../../../hosts/ssh/guard/transport.ts';
import { hostKeysOf } from '../../../../hosts/ssh/guard/index.ts';
import { socketPair } from '../../../support/socket-pair.ts';

const hostKeys = hostKeysOf([
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  }),
]);

/** Both ends, each with the names of exchanges that it offers; resolves with what was agreed on, or how it ended. */
async function agree(client: readonly string[], server: readonly string[]) {
  const pair = await socketPair();
  const messages: string[] = [];
  let verified = 0;
  const end = (kex: readonly string[], isServer: boolean) => {
    const done = Promise.withResolvers<string>();
    const offer = { ...offerOf(['rsa-sha2-512']), kex };
    const transport: Transport = new Transport(isServer ? pair.far : pair.near, {
      role: isServer
        ? { kind: 'server', hostKeys: hostKeys.byAlgorithm }
        : { kind: 'client', verifyHostKey: () => (verified += 1) > 0 },
      offer,
      limits: defaultLimits,
      handlers: {
        secured: (negotiated) => done.resolve(negotiated.kex),
        message: (payload) => messages.push(payload.toString('latin1')),
        ping: () => undefined,
        ended: (ended: TransportEnd) =>
          done.resolve(ended.kind === 'violation' ? ended.rule : ended.kind),
      },
    });
    return { transport, done: done.promise };
  };
  const near = end(client, false);
  const far = end(server, true);
  const agreed = await Promise.all([near.done, far.done]);
  return {
    ...{ pair, messages, agreed, client: near.transport, server: far.transport },
    verified: () => verified,
  };
}

const classical = ['curve25519-sha256', 'ecdh-sha2-nistp256'];
const both = [hybridName, ...classical];

describe('keys', () => {
  it('are agreed on in the hybrid way, again and again, and carry messages', async () => {
    expect(hybridAvailable).toBe(true);
    const { pair, messages, agreed, client, server, verified } = await agree(both, both);
    expect(agreed).toEqual([hybridName, hybridName]);
    expect(client.sessionId).toEqual(server.sessionId);
    for (const rekeyed of [client, server, client]) {
      const exchanges = verified();
      rekeyed.rekey();
      while (verified() === exchanges || client.exchanging || server.exchanging) {
        await new Promise(setImmediate);
      }
    }
    client.send(Buffer.from([200, 0x41]));
    while (messages.length === 0) await new Promise(setImmediate);
    expect(messages).toEqual(['\xc8A']);
    expect(client.ended || server.ended).toBe(false);
    await pair[Symbol.asyncDispose]();
  });

  it.each([
    ['by a client that has nothing else', [hybridName], both, hybridName],
    ['by a server that has nothing else', both, [hybridName], hybridName],
    [
      'not by a client that has something else first',
      [...classical, hybridName],
      both,
      'curve25519-sha256',
    ],
    ['not with a client that knows nothing of it', classical, both, 'curve25519-sha256'],
    ['not with a server that knows nothing of it', both, classical, 'curve25519-sha256'],
  ])('are agreed on in the hybrid way %s', async (_what, client, server, expected) => {
    const { pair, agreed } = await agree(client, server);
    expect(agreed).toEqual([expected, expected]);
    await pair[Symbol.asyncDispose]();
  });

  it('are not agreed on where nothing is in common', async () => {
    const { pair, agreed } = await agree([hybridName], classical);
    expect(agreed).toContain('transport-failed');
    await pair[Symbol.asyncDispose]();
  });
});
