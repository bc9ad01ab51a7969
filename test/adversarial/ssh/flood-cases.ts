// Attacks on memory and time, while a second client measures how it is served. The first four are known, open ways to
// bring servers down that are built on the library's own channels.

import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

import {
  about,
  data,
  exec,
  loggedIn,
  loginRequest,
  opened,
  openRequest,
  serviceRequest,
} from '../../support/ssh/raw-client.ts';
import { FieldWriter, messages, RawPeer } from '../../support/ssh/raw-peer.ts';
import type { Outcome, SshArena, SshAttack } from './attack.ts';
import { attackOn, demand, fateOf } from './attack.ts';
import { served } from './second-client.ts';

const flood = attackOn('denial of service');

const megabyte = 1024 * 1024;
/** Of what one attack may take, over all of its connections. */
const growthMax = 96 * megabyte;
const attackers = 8;

/** The attack by several connections at once, with a second client that goes on being served. */
const byMany =
  (attack: (peer: RawPeer, arena: SshArena) => Promise<Outcome>, count = attackers) =>
  async (arena: SshArena): Promise<Outcome> => {
    const before = await arena.residentBytes();
    const peers = await Promise.all(Array.from({ length: count }, () => loggedIn(arena.login)));
    try {
      const outcomes = await served(arena, () =>
        Promise.all(peers.map((peer) => attack(peer, arena))),
      );
      const grown = (await arena.residentBytes()) - before;
      demand(grown < growthMax, `the gateway grew by ${Math.round(grown / megabyte)} MB`);
      return outcomes[0] ?? 'served';
    } finally {
      for (const peer of peers) peer[Symbol.dispose]();
    }
  };

async function noPacketSize(peer: RawPeer): Promise<Outcome> {
  peer.send(openRequest({ packet: 0 }));
  const answer = await peer.next(messages.channelOpenConfirmation, messages.channelOpenFailure);
  return answer?.[0] === messages.channelOpenFailure ? 'refused' : 'served';
}

async function ignoredWindow(peer: RawPeer): Promise<Outcome> {
  const channel = (await opened(peer)) ?? 0;
  peer.send(exec(channel, 'sleep 100'));
  const bytes = Buffer.alloc(32 * 1024);
  for (let sent = 0; sent < 64 * megabyte && !peer.isClosed; sent += bytes.length) {
    peer.send(data(channel, bytes));
    // The second client lives in this process, too, and must get its turns to answer the gateway.
    do await nextTurn();
    while (peer.isBusy);
  }
  await peer.closed;
  return 'cut';
}

/** Asks for as much as there is, and reads nothing of it. */
async function stalledReader(peer: RawPeer): Promise<Outcome> {
  const channel = (await opened(peer, { window: 0xffff_ffff })) ?? 0;
  peer.send(exec(channel, 'head -c 4000000000 /dev/zero'));
  await peer.next(messages.channelSuccess);
  peer.socket.pause();
  const still = delay(8_000, 'served' as const);
  const reset = new Promise<Outcome>(
    (resolve) =>
      // The end is behind bytes that nobody reads; what is written into it is answered by a reset.
      void (async () => {
        while (!peer.isClosed) {
          await delay(100);
          peer.socket.write(Buffer.alloc(0));
          peer.send(new FieldWriter(messages.ignore).text(''));
        }
        resolve('cut');
      })(),
  );
  return Promise.race([reset, still]);
}

async function tinyPackets(peer: RawPeer): Promise<Outcome> {
  const channel = (await opened(peer)) ?? 0;
  peer.send(exec(channel, 'sleep 100'));
  const until = performance.now() + 3_000;
  const piece = data(channel, 'x').payload();
  while (performance.now() < until && !peer.isClosed) {
    for (let at = 0; at < 500; at += 1) peer.send(piece);
    do await delay(1);
    while (peer.isBusy);
  }
  return peer.isClosed ? 'cut' : 'ignored';
}

/** The system takes megabytes of answers before any wait in the gateway: what is due is that few do. */
async function unreadAnswers(peer: RawPeer): Promise<Outcome> {
  peer.socket.pause();
  const question = new FieldWriter(messages.globalRequest).text('fly@example.com').boolean(true);
  const payload = question.payload();
  const until = performance.now() + 4_000;
  while (performance.now() < until && !peer.isClosed) {
    for (let at = 0; at < 500; at += 1) peer.send(payload);
    do await delay(10);
    while (peer.isBusy && performance.now() < until);
  }
  return 'ignored';
}

async function unfinishedExchange(peer: RawPeer): Promise<Outcome> {
  peer.send(keyExchangeInit());
  await peer.closed;
  return 'cut';
}

/** A list of algorithms as this side sends it, and then nothing. */
function keyExchangeInit(): FieldWriter {
  const fields = new FieldWriter(20).raw(Buffer.alloc(16));
  const ways = [
    ['aes128-gcm@openssh.com'],
    ['aes128-gcm@openssh.com'],
    ['hmac-sha2-256-etm@openssh.com'],
  ];
  fields
    .names(['curve25519-sha256', 'kex-strict-c-v00@openssh.com'])
    .names(['rsa-sha2-512', 'ssh-ed25519']);
  for (const names of [...ways, ['hmac-sha2-256-etm@openssh.com'], ['none'], ['none'], [], []])
    fields.names(names);
  return fields.boolean(false).uint32(0);
}

async function manyExchanges(peer: RawPeer): Promise<Outcome> {
  for (let at = 0; at < 500 && !peer.isClosed; at += 1) {
    peer.protocol.rekey();
    await Promise.race([peer.closed, exchanged(peer)]);
  }
  return peer.isClosed ? 'cut' : 'served';
}

async function exchanged(peer: RawPeer): Promise<void> {
  while (peer.protocol._kexinit !== undefined && !peer.isClosed) await delay(0);
}

async function manyOpens(peer: RawPeer): Promise<Outcome> {
  for (let at = 0; at < 1000; at += 1) {
    const channel = await opened(peer, { id: at });
    if (channel === undefined) return 'cut';
    peer.send(about(messages.channelClose, channel));
  }
  return await fateOf(peer);
}

async function silent(peer: RawPeer): Promise<Outcome> {
  // Alive for TCP, dead for SSH: questions are read and not answered.
  peer.mute = true;
  await peer.closed;
  return 'cut';
}

async function unfinishedLogins(arena: SshArena): Promise<Outcome> {
  const peers = await Promise.all(
    Array.from({ length: 100 }, () => RawPeer.dial(arena.login.port)),
  );
  for (const peer of peers) peer.send(serviceRequest(), loginRequest(arena.login.username, 'none'));
  await served(arena, () => Promise.all(peers.map((peer) => peer.closed)));
  return 'cut';
}

export const floodCases: readonly SshAttack[] = [
  flood('packets of 0 bytes', 'refused', byMany(noPacketSize)),
  flood('windows that are ignored', 'cut', byMany(ignoredWindow)),
  flood('giant windows of readers that stall', 'cut', byMany(stalledReader)),
  flood('packets of a single byte', 'ignored', byMany(tinyPackets, 4)),
  flood('questions whose answers are not read', 'ignored', byMany(unreadAnswers, 4)),
  flood('a key exchange that is never finished', 'cut', byMany(unfinishedExchange)),
  flood('key exchanges without end', 'cut', byMany(manyExchanges, 2)),
  flood('channels opened and closed without end', 'ignored', byMany(manyOpens, 2)),
  flood('peers that are silent', 'cut', byMany(silent)),
  flood('a hundred logins that stand still', 'cut', unfinishedLogins),
];
