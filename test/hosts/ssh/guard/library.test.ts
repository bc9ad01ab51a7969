// What the guards rely on inside of ssh2: a new version that changes it fails here, not in front of an attacker.

import { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { describe, expect, it } from '@jest/globals';
import ssh2 from 'ssh2';
import libraryCrypto from 'ssh2/lib/protocol/crypto.js';
import Protocol from 'ssh2/lib/protocol/Protocol.js';

import { prepareKeys, preparePackets } from '../../../../hosts/ssh/guard/fast-ciphers.ts';
import { FieldWriter, libraryOffer, messages } from '../../../support/ssh/raw-peer.ts';

const hostKey = ssh2.utils.generateKeyPairSync('ed25519').private;

interface End {
  readonly protocol: Protocol;
  readonly payloads: Buffer[];
}

/** Both ends of a connection without a network, after the exchange of keys. */
async function joined(
  cipher: string,
  mac = 'hmac-sha2-256-etm@openssh.com',
): Promise<{ readonly client: End; readonly server: End }> {
  await libraryCrypto.init;
  const queue: (() => void)[] = [];
  const end = (server: boolean, other: () => End): End => {
    const way = {
      cipher: [cipher],
      mac: [mac],
      compress: ['none'],
      lang: [],
    };
    const offer = libraryOffer(['ssh-ed25519']);
    const [key] = [ssh2.utils.parseKey(hostKey)].flat();
    const payloads: Buffer[] = [];
    const protocol = new Protocol({
      ...{ server, ident: 'test', offer: { ...offer, kex: [...offer.kex], cs: way, sc: way } },
      ...(server ? { hostKeys: { 'ssh-ed25519': key } } : { hostVerifier: () => true }),
      onWrite: (bytes) => {
        const copy = Buffer.from(bytes);
        queue.push(() => other().protocol.parse(copy, 0, copy.length));
      },
      onError: (error) => {
        throw error;
      },
      onHandshakeComplete: () => undefined,
    });
    const library = protocol._onPayload;
    protocol._onPayload = (payload) => {
      if (payload[0] === messages.keyExchangeInit) return library(payload);
      payloads.push(Buffer.from(payload));
      return undefined;
    };
    const complete = protocol._onHandshakeComplete;
    protocol._onHandshakeComplete = (negotiated) => {
      if (protocol._kex !== undefined) protocol._kex.remoteExtInfoEnabled = false;
      prepareKeys(protocol._cipher);
      prepareKeys(protocol._decipher);
      if (!libraryCrypto.bindingAvailable) preparePackets(protocol._cipher);
      complete(negotiated);
    };
    return { protocol, payloads };
  };
  const client: End = end(false, () => server);
  const server: End = end(true, () => client);
  client.protocol.start();
  server.protocol.start();
  run(queue);
  pump = () => run(queue);
  return { client, server };
}

let pump = (): void => undefined;

function run(queue: (() => void)[]): void {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
}

function send({ protocol }: End, payload: Buffer): void {
  const writer = protocol._packetRW.write;
  const packet = writer.alloc(payload.length);
  packet.set(payload, writer.allocStart);
  protocol._cipher.encrypt(packet);
}

const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];

describe('ssh2', () => {
  it('is the version that was read', async () => {
    const file = new URL('../../../../node_modules/ssh2/package.json', import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: '1.17.0' });
  });

  it.each([
    ...ciphers.map((cipher) => [cipher, 'hmac-sha2-256-etm@openssh.com'] as const),
    ['aes128-ctr', 'hmac-sha2-256'] as const,
    ['aes256-ctr', 'hmac-sha2-512'] as const,
  ])(
    'hands every packet to one property, and takes packets like ours: %s %s',
    async (cipher, mac) => {
      const { client, server } = await joined(cipher, mac);
      expect(client.protocol._strictMode).toBe(true);
      expect(client.protocol._kex?.sessionID).toEqual(server.protocol._kex?.sessionID);
      for (const bytes of [0, 1, 7, 8, 11, 12, 15, 16, 1000, 32_768]) {
        const payload = new FieldWriter(messages.ignore)
          .bytes(Buffer.alloc(bytes, bytes))
          .payload();
        send(client, payload);
        send(client, payload);
        send(server, payload);
        pump();
        expect(server.payloads.splice(0)).toEqual([payload, payload]);
        expect(client.payloads.splice(0)).toEqual([payload]);
      }
    },
  );

  it.each(ciphers)(
    'queues bare payloads while keys are exchanged, also of ours: %s',
    async (cipher) => {
      const { client, server } = await joined(cipher);
      client.protocol.rekey();
      expect(client.protocol._kexinit).toBeDefined();
      const payload = new FieldWriter(messages.ignore).text('later').payload();
      client.protocol._queue?.push(payload);
      pump();
      expect(client.protocol._kexinit).toBeUndefined();
      expect(server.payloads).toEqual([payload]);
    },
  );

  it('keeps keys under the names that they are replaced by', async () => {
    if (libraryCrypto.bindingAvailable) return;
    const { client } = await joined('aes128-gcm@openssh.com');
    expect(client.protocol._cipher._encKey).toBeInstanceOf(KeyObject);
    expect(client.protocol._decipher._decipherKey).toBeInstanceOf(KeyObject);
    const { client: other } = await joined('chacha20-poly1305@openssh.com');
    expect(other.protocol._cipher._encKeyMain).toBeInstanceOf(KeyObject);
    expect(other.protocol._decipher._decKeyPktLen).toBeInstanceOf(KeyObject);
    const { client: third } = await joined('aes128-ctr');
    expect(third.protocol._cipher._macKey).toBeInstanceOf(KeyObject);
    expect(third.protocol._decipher._macKey).toBeInstanceOf(KeyObject);
  });

  it('sends no list of signatures of its own when told that nobody wants it', async () => {
    const { client } = await joined('aes128-ctr');
    expect(client.payloads).toEqual([]);
  });
});
