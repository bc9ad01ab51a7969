// Attacks on the login (RFC 4252): phases skipped, names changed, tries repeated, floods in front of it.

import {
  passwordRequest,
  loginRequest,
  openRequest,
  serviceRequest,
} from '../../support/ssh/raw-client.ts';
import { FieldWriter, messages, RawPeer } from '../../support/ssh/raw-peer.ts';
import type { Outcome, SshArena, SshAttack } from './attack.ts';
import { attackOn } from './attack.ts';

const login = attackOn('login');

type Said = readonly (Buffer | FieldWriter)[];

/** Says it in front of any login; then either the connection ends, or the real login still goes through. */
const saying =
  (say: (arena: SshArena) => Said, { service = true } = {}) =>
  async (arena: SshArena): Promise<Outcome> => {
    using peer = await RawPeer.dial(arena.login.port);
    if (service) {
      peer.send(serviceRequest());
      await peer.next(messages.serviceAccept);
    }
    peer.send(...say(arena));
    return await fate(peer, arena);
  };

/** Packets that come apart are answered apart. */
const cutAtLatest =
  (attack: (arena: SshArena) => Promise<Outcome>) =>
  async (arena: SshArena): Promise<Outcome> => {
    const got = await attack(arena);
    return got === 'refused' ? 'cut' : got;
  };

async function fate(peer: RawPeer, { login: { username, password } }: SshArena): Promise<Outcome> {
  const answer = await peer.next(messages.loginFailure, messages.loginSuccess);
  if (answer === undefined) return 'cut';
  if (answer[0] === messages.loginSuccess) return 'served';
  peer.send(passwordRequest(username, password));
  const last = await peer.next(messages.loginSuccess);
  return last === undefined ? 'cut' : 'refused';
}

async function wrongPasswords(arena: SshArena, times: number): Promise<Outcome> {
  const { port, username, password } = arena.login;
  using peer = await RawPeer.dial(port);
  peer.send(serviceRequest());
  for (let at = 0; at < times; at += 1) {
    peer.send(passwordRequest(username, `wrong ${at}`));
    if ((await peer.next(messages.loginFailure)) === undefined) return 'cut';
  }
  peer.send(passwordRequest(username, password));
  return (await peer.next(messages.loginSuccess)) === undefined ? 'cut' : 'refused';
}

async function queries(arena: SshArena): Promise<Outcome> {
  using peer = await RawPeer.dial(arena.login.port);
  peer.send(serviceRequest());
  for (let at = 0; at < 100; at += 1) {
    const query = loginRequest(arena.login.username, 'publickey').boolean(false);
    peer.send(query.text('ssh-ed25519').bytes(edKey(at)));
    if ((await peer.next(messages.loginFailure)) === undefined) return at < 10 ? 'cut' : 'served';
  }
  return 'served';
}

const edKey = (at: number): Buffer =>
  new FieldWriter(0).text('ssh-ed25519').bytes(Buffer.alloc(32, at)).payload().subarray(1);

const many = (count: number, said: FieldWriter): Said => Array.from({ length: count }, () => said);

const user = ({ login: { username } }: SshArena): string => username;

export const loginCases: readonly SshAttack[] = [
  login(
    'a channel in front of it',
    'cut',
    saying(() => [openRequest()]),
  ),
  login(
    'a channel instead of the service',
    'cut',
    saying(() => [openRequest()], { service: false }),
  ),
  login(
    'a forward in front of it',
    'cut',
    saying(() => [
      new FieldWriter(messages.globalRequest)
        .text('tcpip-forward')
        .boolean(true)
        .text('')
        .uint32(8080),
    ]),
  ),
  login(
    'without its service',
    'cut',
    saying((arena) => [passwordRequest(user(arena), 'x')], { service: false }),
  ),
  login(
    'the connection service itself',
    'cut',
    saying(() => [serviceRequest('ssh-connection')], { service: false }),
  ),
  login(
    'its service twice',
    'cut',
    saying(() => [serviceRequest()]),
  ),
  login(
    'for another service',
    'cut',
    saying((arena) => [new FieldWriter(50).text(user(arena)).text('ssh-agent').text('none')]),
  ),
  login(
    'another user name',
    'cut',
    saying((arena) => [loginRequest(user(arena), 'none'), loginRequest('root', 'none')]),
  ),
  login(
    'two passwords at once',
    'cut',
    cutAtLatest(
      saying((arena) => [passwordRequest(user(arena), 'a'), passwordRequest(user(arena), 'b')]),
    ),
  ),
  login('five wrong passwords', 'refused', (arena) => wrongPasswords(arena, 5)),
  login('seven wrong passwords', 'cut', (arena) => wrongPasswords(arena, 7)),
  login('questions about a hundred keys', 'cut', queries),
  login(
    'an unknown method',
    'refused',
    saying((arena) => [loginRequest(user(arena), 'gssapi-with-mic').text('x')]),
  ),
  login(
    'by host (RFC 4252 §9)',
    'refused',
    saying((arena) => [loginRequest(user(arena), 'hostbased').text('x')]),
  ),
  login(
    'a changed password',
    'refused',
    saying((arena) => [
      loginRequest(user(arena), 'password').boolean(true).text('old').text('new'),
    ]),
  ),
  login(
    'a key without a signature',
    'cut',
    saying((arena) => [
      loginRequest(user(arena), 'publickey').boolean(true).text('ssh-ed25519').bytes(edKey(1)),
    ]),
  ),
  login(
    'a signature of nothing',
    'refused',
    saying((arena) => [
      loginRequest(user(arena), 'publickey')
        .boolean(true)
        .text('ssh-ed25519')
        .bytes(edKey(1))
        .bytes(Buffer.alloc(0)),
    ]),
  ),
  login(
    'a cut-off request',
    'cut',
    saying(() => [Buffer.from('3200000004726f', 'hex')]),
  ),
  login(
    'a length of 4 GiB',
    'cut',
    saying(() => [Buffer.from('32ffffffff', 'hex')]),
  ),
  login(
    'bytes behind it',
    'cut',
    saying((arena) => [passwordRequest(user(arena), 'x').text('more')]),
  ),
  login(
    'a name that is no UTF-8',
    'cut',
    saying(() => [
      new FieldWriter(50)
        .bytes(Buffer.from([0xff, 0xfe]))
        .text('ssh-connection')
        .text('none'),
    ]),
  ),
  login(
    'an answer to no question',
    'cut',
    saying(() => [new FieldWriter(messages.loginInfoResponse).uint32(0)]),
  ),
  login(
    'its own success',
    'cut',
    saying(() => [new FieldWriter(messages.loginSuccess)]),
  ),
  login(
    'its own acceptance of the service',
    'cut',
    saying(() => [new FieldWriter(messages.serviceAccept).text('ssh-userauth')]),
  ),
  login(
    '200 kB of SSH_MSG_IGNORE',
    'cut',
    saying(() => many(200, new FieldWriter(2).text('x'.repeat(1000)))),
  ),
  login(
    '10000 empty SSH_MSG_DEBUG',
    'cut',
    saying(() => many(10_000, new FieldWriter(4).boolean(true).text('').text(''))),
  ),
  login('questions about methods without end', 'cut', async (arena) => {
    using peer = await RawPeer.dial(arena.login.port);
    peer.send(serviceRequest());
    for (let at = 0; at < 10_000; at += 1) {
      peer.send(loginRequest(user(arena), 'none'));
      if ((await peer.next(messages.loginFailure)) === undefined) return 'cut';
    }
    return 'served';
  }),
  login('nothing behind the service', 'cut', async (arena) => {
    using peer = await RawPeer.dial(arena.login.port);
    peer.send(serviceRequest());
    await peer.closed;
    return 'cut';
  }),
  login(
    'a packet without a message',
    'cut',
    saying(() => [Buffer.alloc(0)]),
  ),
];
