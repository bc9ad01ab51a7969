// Attacks before there are keys: on the first line, and on the key exchange (RFC 4253 §4.2, §6, §7).

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import type { Offer } from 'ssh2/lib/protocol/Protocol.js';

import { loggedIn } from '../../support/ssh/raw-client.ts';
import {
  dialPlain,
  FieldWriter,
  libraryOffer,
  messages,
  RawPeer,
} from '../../support/ssh/raw-peer.ts';
import type { RawPeerOptions } from '../../support/ssh/raw-peer.ts';
import type { Outcome, SshArena, SshAttack } from './attack.ts';
import { attackOn, fateOf } from './attack.ts';

const identification = attackOn('identification');
const exchange = attackOn('key exchange');

/** Writes, and waits for the end. */
const written =
  (...pieces: readonly (Buffer | string)[]) =>
  async ({ login }: SshArena): Promise<Outcome> => {
    const socket = await dialPlain(login.port);
    socket.resume();
    for (const piece of pieces) socket.write(piece);
    await once(socket, 'close');
    return 'cut';
  };

/** A byte at a time, and never the last. */
async function dripped({ login }: SshArena): Promise<Outcome> {
  const socket = await dialPlain(login.port);
  socket.resume();
  const closed = once(socket, 'close');
  for (const byte of 'SSH-2.0-slow'.repeat(9)) {
    socket.write(byte);
    if ((await Promise.race([closed, delay(50)])) !== undefined) break;
  }
  await closed;
  return 'cut';
}

/** In single bytes, each in a packet of the network of its own, and whole in the end. */
async function inPieces({ login }: SshArena): Promise<Outcome> {
  const socket = await dialPlain(login.port);
  const pieces: Uint8Array[] = [];
  using peer = new RawPeer(socket, {
    rewrite: (bytes) => {
      pieces.push(bytes);
      return Buffer.alloc(0);
    },
  });
  const over = Promise.race([peer.secured, peer.closed]).then(() => true);
  while (!(await Promise.race([over, delay(1, false)]))) {
    for (const byte of pieces.splice(0).flatMap((bytes) => [...bytes])) {
      socket.write(Buffer.of(byte));
      await delay(1);
    }
  }
  return peer.isClosed ? 'cut' : 'served';
}

const ident = 'SSH-2.0-raw\r\n';

const packet = (length: number, padding: number, bytes: number): Buffer => {
  const head = Buffer.alloc(5 + bytes);
  head.writeUInt32BE(length >>> 0);
  head[4] = padding;
  return head;
};

const offering = (change: (offer: Offer) => Offer) => {
  const offer = change(libraryOffer(['rsa-sha2-512', 'ssh-ed25519']));
  return handshake({ offer });
};

const handshake =
  (options: RawPeerOptions, then?: (peer: RawPeer) => void) =>
  async (arena: SshArena): Promise<Outcome> => {
    const { login } = arena;
    const socket = await dialPlain(login.port);
    using peer = new RawPeer(socket, options);
    await delay(10);
    then?.(peer);
    const ended = await Promise.race([peer.secured.then(() => 'secured'), peer.closed]);
    if (ended !== 'secured') return 'cut';
    const closed = await Promise.race([peer.closed.then(() => true), delay(200, false)]);
    return closed ? 'cut' : 'served';
  };

const ways =
  (change: Partial<Offer['cs']>) =>
  (offer: Offer): Offer => {
    const way = { ...offer.cs, ...change };
    return { ...offer, cs: way, sc: way };
  };

/** In place of the packet with this message, another. */
const instead = (type: number, replacement: () => Buffer): RawPeerOptions => ({
  rewrite: (bytes) => (bytes.length > 8 && bytes[5] === type ? replacement() : bytes),
});

/** A whole plain packet (RFC 4253 §6). */
function plain(payload: Buffer): Buffer {
  const padding = 8 - ((5 + payload.length) % 8) + (8 - ((5 + payload.length) % 8) < 4 ? 8 : 0);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

const keyExchangeStart = 30;
const point = (bytes: Buffer): (() => Buffer) => {
  const payload = new FieldWriter(keyExchangeStart).bytes(bytes).payload();
  return () => plain(payload);
};

async function strictness(arena: SshArena): Promise<Outcome> {
  using peer = await loggedIn(arena.login, {
    lax: true,
    offer: ways({ cipher: ['aes128-gcm@openssh.com'] })(
      libraryOffer(['rsa-sha2-512', 'ssh-ed25519']),
    ),
  });
  return (await fateOf(peer)) === 'ignored' ? 'served' : 'cut';
}

export const identificationCases: readonly SshAttack[] = [
  identification(
    'another protocol: HTTP',
    'cut',
    written('GET / HTTP/1.1\r\nHost: gateway\r\n\r\n'),
  ),
  identification(
    'another protocol: TLS',
    'cut',
    written(Buffer.from('16030100c8010000c40303', 'hex'), '\n'),
  ),
  identification('a line without an end', 'cut', written('x'.repeat(300))),
  identification('a greeting in front of it', 'cut', written('hello\r\n', ident)),
  identification('version 1.5', 'cut', written('SSH-1.5-old\r\n')),
  identification('a line of 10 kB', 'cut', written(`SSH-2.0-${'x'.repeat(10_000)}\r\n`)),
  identification('control bytes', 'cut', written('SSH-2.0-a\x1b[2J\0b\r\n')),
  identification('no software version', 'cut', written('SSH-2.0-\r\n')),
  identification('nothing at all', 'cut', written()),
  identification('one byte now and then', 'cut', dripped),
  identification('in single bytes, whole', 'served', inPieces),
  identification('nothing behind it', 'cut', written(ident)),
  exchange('a packet of 4 GiB', 'cut', written(ident, packet(0xffff_ffff, 4, 64))),
  exchange('a packet of 1 byte', 'cut', written(ident, packet(1, 0, 64))),
  exchange('more padding than packet', 'cut', written(ident, packet(28, 255, 27))),
  exchange('a packet that never ends', 'cut', written(ident, packet(20_004, 4, 64))),
  exchange(
    'a cut-off list of algorithms',
    'cut',
    written(
      ident,
      plain(Buffer.concat([Buffer.of(20), Buffer.alloc(16), Buffer.from('000000ff', 'hex')])),
    ),
  ),
  exchange(
    'SHA-1 key exchange only',
    'cut',
    offering((offer) => ({ ...offer, kex: ['diffie-hellman-group14-sha1'] })),
  ),
  exchange(
    'group 1 only',
    'cut',
    offering((offer) => ({ ...offer, kex: ['diffie-hellman-group1-sha1'] })),
  ),
  exchange(
    'SHA-1 signatures only',
    'cut',
    offering((offer) => ({ ...offer, serverHostKey: ['ssh-rsa', 'ssh-dss'] })),
  ),
  exchange('CBC only', 'cut', offering(ways({ cipher: ['aes128-cbc', '3des-cbc'] }))),
  exchange('no encryption', 'cut', offering(ways({ cipher: ['none'] }))),
  exchange(
    'SHA-1 authentication only',
    'cut',
    offering(ways({ cipher: ['aes128-ctr'], mac: ['hmac-sha1'] })),
  ),
  exchange('compression only', 'cut', offering(ways({ compress: ['zlib', 'zlib@openssh.com'] }))),
  exchange(
    'chacha20 that is not strict (CVE-2023-48795)',
    'cut',
    handshake({
      lax: true,
      offer: ways({ cipher: ['chacha20-poly1305@openssh.com'] })(
        libraryOffer(['rsa-sha2-512', 'ssh-ed25519']),
      ),
    }),
  ),
  exchange(
    'encrypt-then-MAC that is not strict',
    'cut',
    handshake({
      lax: true,
      offer: ways({ cipher: ['aes128-ctr'] })(libraryOffer(['rsa-sha2-512', 'ssh-ed25519'])),
    }),
  ),
  exchange('AES-GCM that is not strict', 'served', strictness),
  exchange(
    'a message slipped in front of a strict exchange',
    'cut',
    handshake(
      instead(20, () =>
        Buffer.concat([
          plain(new FieldWriter(messages.ignore).text('').payload()),
          plain(Buffer.of(20)),
        ]),
      ),
    ),
  ),
  exchange('an empty point', 'cut', handshake(instead(keyExchangeStart, point(Buffer.alloc(0))))),
  exchange(
    'a point of zeroes',
    'cut',
    handshake(instead(keyExchangeStart, point(Buffer.alloc(32)))),
  ),
  exchange(
    'a point of 30 kB',
    'cut',
    handshake(instead(keyExchangeStart, point(Buffer.alloc(30_000, 1)))),
  ),
  exchange(
    'new keys without an exchange',
    'cut',
    handshake(instead(keyExchangeStart, () => plain(Buffer.of(21)))),
  ),
  exchange(
    'a login in the middle of it',
    'cut',
    handshake(
      instead(keyExchangeStart, () => plain(new FieldWriter(5).text('ssh-userauth').payload())),
    ),
  ),
  exchange(
    'two lists of algorithms',
    'cut',
    handshake(
      instead(keyExchangeStart, () => plain(Buffer.concat([Buffer.of(20), Buffer.alloc(300)]))),
    ),
  ),
];
