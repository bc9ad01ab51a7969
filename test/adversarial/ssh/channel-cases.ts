// Attacks on channels and requests (RFC 4254): numbers, windows, order, replies, by someone who has logged in.

import {
  about,
  channelRequest,
  data,
  exec,
  loggedIn,
  opened,
  openRequest,
} from '../../support/ssh/raw-client.ts';
import { FieldWriter, messages } from '../../support/ssh/raw-peer.ts';
import type { RawPeer } from '../../support/ssh/raw-peer.ts';
import type { Outcome, SshArena, SshAttack } from './attack.ts';
import { attackOn, demand, fateOf } from './attack.ts';

const channels = attackOn('channels');
const requests = attackOn('requests');
const packets = attackOn('packets');

type Said = readonly (Buffer | FieldWriter)[];

/** Says it behind the login. */
const saying =
  (...said: Said) =>
  async ({ login }: SshArena): Promise<Outcome> => {
    using peer = await loggedIn(login);
    peer.send(...said);
    return await fateOf(peer);
  };

/** Says it of a session that runs `cat`. */
const inSession =
  (say: (channel: number) => Said) =>
  async ({ login }: SshArena): Promise<Outcome> => {
    using peer = await loggedIn(login);
    const channel = await opened(peer);
    demand(channel !== undefined, 'no session');
    peer.send(exec(channel, 'cat'));
    await peer.next(messages.channelSuccess);
    peer.send(...say(channel));
    return await fateOf(peer);
  };

/** A channel that is asked for like this is refused, and the connection lives. */
const refusedOpen =
  (request: FieldWriter) =>
  async ({ login }: SshArena): Promise<Outcome> => {
    using peer = await loggedIn(login);
    peer.send(request);
    const answer = await peer.next(messages.channelOpenConfirmation, messages.channelOpenFailure);
    if (answer?.[0] === messages.channelOpenConfirmation) return 'served';
    return (await fateOf(peer)) === 'ignored' ? 'refused' : 'cut';
  };

/** A request that is answered with no, in a connection that lives. */
const refusedRequest =
  (request: (channel: number) => FieldWriter) =>
  async ({ login }: SshArena): Promise<Outcome> => {
    using peer = await loggedIn(login);
    const channel = (await opened(peer)) ?? 0;
    peer.send(request(channel));
    return await replyOf(peer, messages.channelSuccess, messages.channelFailure);
  };

const refusedGlobally =
  (name: string, ...fields: readonly Buffer[]) =>
  async ({ login }: SshArena): Promise<Outcome> => {
    using peer = await loggedIn(login);
    const request = new FieldWriter(messages.globalRequest).text(name).boolean(true);
    for (const field of fields) request.raw(field);
    peer.send(request);
    return await replyOf(peer, messages.requestSuccess, messages.requestFailure);
  };

async function replyOf(peer: RawPeer, yes: number, no: number): Promise<Outcome> {
  const answer = await peer.next(yes, no);
  if (answer?.[0] === yes) return 'served';
  return (await fateOf(peer)) === 'ignored' ? 'refused' : 'cut';
}

async function closedOne({ login }: SshArena, say: (channel: number) => Said): Promise<Outcome> {
  using peer = await loggedIn(login);
  const channel = await opened(peer);
  demand(channel !== undefined, 'no session');
  peer.send(about(messages.channelClose, channel));
  await peer.next(messages.channelClose);
  peer.send(...say(channel));
  return await fateOf(peer);
}

async function manyChannels({ login }: SshArena): Promise<Outcome> {
  using peer = await loggedIn(login);
  const ids = Array.from({ length: 1000 }, (_, id) => id);
  peer.send(...ids.map((id) => openRequest({ id })));
  let granted = 0;
  let answers = 0;
  while (answers < ids.length) {
    const answer = await peer.next(messages.channelOpenConfirmation, messages.channelOpenFailure);
    if (answer === undefined) return 'cut';
    answers += 1;
    if (answer[0] === messages.channelOpenConfirmation) granted += 1;
  }
  demand(granted <= 64, `${granted} channels were opened`);
  return 'refused';
}

const tooLarge = Buffer.alloc(33 * 1024);
const large = Buffer.alloc(32 * 1024);

const endpoints = new FieldWriter(0)
  .text('10.0.0.1')
  .uint32(22)
  .text('127.0.0.1')
  .uint32(1)
  .payload();

export const channelCases: readonly SshAttack[] = [
  channels(
    'of a type that nobody knows',
    'refused',
    refusedOpen(openRequest({ type: 'tunnel@example.com' })),
  ),
  channels('for X11 from a client', 'refused', refusedOpen(openRequest({ type: 'x11' }))),
  channels(
    'for an agent from a client',
    'refused',
    refusedOpen(openRequest({ type: 'auth-agent@openssh.com' })),
  ),
  channels('for a tunnel device', 'refused', refusedOpen(openRequest({ type: 'tun@openssh.com' }))),
  channels(
    'as if a listener had been reached',
    'refused',
    refusedOpen(openRequest({ type: 'forwarded-tcpip' }).raw(endpoints.subarray(1))),
  ),
  channels('packets of 0 bytes', 'refused', refusedOpen(openRequest({ packet: 0 }))),
  channels('packets of 1 byte', 'refused', refusedOpen(openRequest({ packet: 1 }))),
  channels('a thousand', 'refused', manyChannels),
  channels(
    'a number that is in use',
    'cut',
    inSession(() => [openRequest({ id: 0 })]),
  ),
  channels('bytes behind the request for one', 'cut', saying(openRequest().text('more'))),
  channels('a cut-off request for one', 'cut', saying(Buffer.from('5a0000000773657373', 'hex'))),
  channels('data for none', 'cut', saying(data(7, 'x'))),
  channels('data for number 2^32 - 1', 'cut', saying(data(0xffff_ffff, 'x'))),
  channels('a window for none', 'cut', saying(about(messages.channelWindowAdjust, 9).uint32(1))),
  channels('an end of none', 'cut', saying(about(messages.channelEof, 9))),
  channels('a request for none', 'cut', saying(exec(9, 'echo no'))),
  channels('closed twice', 'cut', (arena) =>
    closedOne(arena, (id) => [about(messages.channelClose, id)]),
  ),
  channels('data behind the close', 'cut', (arena) => closedOne(arena, (id) => [data(id, 'x')])),
  channels('a command behind the close', 'cut', (arena) =>
    closedOne(arena, (id) => [exec(id, 'echo no')]),
  ),
  channels(
    'ended twice',
    'cut',
    inSession((id) => [about(messages.channelEof, id), about(messages.channelEof, id)]),
  ),
  channels(
    'data behind the end',
    'cut',
    inSession((id) => [about(messages.channelEof, id), data(id, 'x')]),
  ),
  channels(
    'bytes behind the close',
    'cut',
    inSession((id) => [about(messages.channelClose, id).uint32(0)]),
  ),
  channels(
    'a window beyond 2^32 - 1',
    'cut',
    inSession((id) => [about(messages.channelWindowAdjust, id).uint32(0xffff_ffff)]),
  ),
  channels(
    'a packet of data beyond 32 KiB',
    'cut',
    inSession((id) => [data(id, tooLarge)]),
  ),
  channels('more data than the window allows', 'cut', async ({ login }) => {
    using peer = await loggedIn(login);
    const channel = (await opened(peer)) ?? 0;
    peer.send(exec(channel, 'sleep 100'));
    for (let sent = 0; sent < 200 && !peer.isClosed; sent += 1) peer.send(data(channel, large));
    await peer.closed;
    return 'cut';
  }),
  channels(
    'extended data of no known type',
    'ignored',
    inSession((id) => [about(messages.channelExtendedData, id).uint32(77).text('x')]),
  ),
  channels(
    'data whose length is a lie',
    'cut',
    inSession((id) => [about(messages.channelData, id).uint32(100).raw(Buffer.from('short'))]),
  ),
  channels('a confirmation of nothing', 'cut', saying(about(91, 0).uint32(0).uint32(0).uint32(0))),
  channels('a refusal of nothing', 'cut', saying(about(92, 0).uint32(1).text('').text(''))),
  requests(
    'that nobody knows',
    'refused',
    refusedRequest((id) => channelRequest(id, 'fly@example.com').text('x')),
  ),
  requests(
    'a second command',
    'ignored',
    inSession((id) => [exec(id, 'echo second')]),
  ),
  requests(
    'a cut-off command',
    'cut',
    inSession((id) => [channelRequest(id, 'exec').uint32(100)]),
  ),
  requests(
    'bytes behind a command',
    'cut',
    inSession((id) => [exec(id, 'cat').text('more')]),
  ),
  requests(
    'whose name is no UTF-8',
    'cut',
    inSession((id) => [
      about(98, id)
        .bytes(Buffer.from([0xc3, 0x28]))
        .boolean(true),
    ]),
  ),
  requests(
    'a terminal of 2^32 columns',
    'served',
    refusedRequest((id) => terminal(id, 'xterm', 0xffff_ffff)),
  ),
  requests(
    'a terminal with a name of 30 kB',
    'cut',
    inSession((id) => [terminal(id, 'x'.repeat(30_000), 80)]),
  ),
  requests(
    '10000 without an answer',
    'ignored',
    inSession((id) => many(10_000, channelRequest(id, 'env', false).text('A').text('b'))),
  ),
  requests(
    'a reply to no question',
    'cut',
    inSession((id) => [about(messages.channelSuccess, id)]),
  ),
  requests(
    'a global reply to no question',
    'cut',
    saying(new FieldWriter(messages.requestSuccess)),
  ),
  requests('global, that nobody knows', 'refused', refusedGlobally('fly@example.com')),
  requests(
    'global: a listener',
    'refused',
    refusedGlobally('tcpip-forward', endpoints.subarray(1, 17)),
  ),
  requests(
    'global: a listener, cut off',
    'cut',
    saying(
      new FieldWriter(messages.globalRequest).text('tcpip-forward').boolean(true).text('0.0.0.0'),
    ),
  ),
  packets(
    'with a message number that nobody knows',
    'ignored',
    saying(Buffer.from([200, 1, 2, 3])),
  ),
  packets('with a number of the key exchange', 'cut', saying(Buffer.from([31, 0, 0, 0, 0]))),
  packets('new keys without an exchange', 'cut', saying(Buffer.from([21]))),
  packets('without a message', 'cut', saying(Buffer.alloc(0))),
  packets(
    'a second login',
    'ignored',
    saying(new FieldWriter(50).text('x').text('ssh-connection').text('none')),
  ),
  packets('a second service', 'cut', saying(new FieldWriter(5).text('ssh-userauth'))),
  packets('altered on the way', 'cut', async ({ login }) => {
    using peer = await loggedIn(login);
    peer.socket.write(Buffer.alloc(64, 0x10));
    await peer.closed;
    return 'cut';
  }),
  packets('with more padding than packet', 'cut', async ({ login }) => {
    using peer = await loggedIn(login);
    peer.sendPacket(Buffer.from([2, 0, 0, 0, 0]), (packet) => {
      packet[4] = 255;
    });
    return await fateOf(peer);
  }),
];

const many = (count: number, said: FieldWriter): Said => Array.from({ length: count }, () => said);

const terminal = (id: number, term: string, columns: number): FieldWriter => {
  const fields = channelRequest(id, 'pty-req').text(term);
  return fields.uint32(columns).uint32(columns).uint32(0).uint32(0).text('\0');
};
