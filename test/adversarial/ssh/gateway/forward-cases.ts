// Attacks by forwards: spellings of what must not be reached, listeners, sockets.

import { loggedIn, run } from '../../../support/ssh/raw-client.ts';
import { FieldReader, FieldWriter, messages } from '../../../support/ssh/raw-peer.ts';
import type { RawPeer } from '../../../support/ssh/raw-peer.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';

const forwards = gatewayAttackOn('forwards');

const openWith = (type: string): FieldWriter =>
  new FieldWriter(messages.channelOpen)
    .text(type)
    .uint32(3)
    .uint32(2 ** 20)
    .uint32(2 ** 15);

const direct = (host: string, port: number): FieldWriter =>
  openWith('direct-tcpip').text(host).uint32(port).text('127.0.0.1').uint32(1);

const socket = (path: string): FieldWriter =>
  openWith('direct-streamlocal@openssh.com').text(path).text('').uint32(0);

const prohibited = 1;

/** Refused by the gateway: the target's own failure to connect has another code. */
async function fateOf(peer: RawPeer, { canaries }: GatewayArena): Promise<string> {
  const answer = await peer.next(messages.channelOpenConfirmation, messages.channelOpenFailure);
  if (answer === undefined) return 'cut';
  if (answer[0] === messages.channelOpenFailure) {
    const code = new FieldReader(answer, 5).uint32();
    return code === prohibited ? 'refused' : `passed on, with code ${code} for an answer`;
  }
  const said = await peer.next(messages.channelData, messages.channelClose);
  return said?.includes(canaries.secret) === true ? 'reached' : 'connected';
}

const opening =
  (request: (arena: GatewayArena) => FieldWriter, target = 'box') =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login('ada', target));
    peer.send(request(arena));
    return await fateOf(peer, arena);
  };

const to = (host: string, target?: string) =>
  opening(({ servicePort }) => direct(host, servicePort), target);

const listening =
  (name: string, fields: (request: FieldWriter) => FieldWriter) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login());
    peer.send(fields(new FieldWriter(messages.globalRequest).text(name).boolean(true)));
    const answer = await peer.next(messages.requestSuccess, messages.requestFailure);
    if (answer === undefined) return 'cut';
    if (answer[0] === messages.requestSuccess) return 'listens';
    return (await run(peer, 'echo in')) === 'in\n' ? 'refused' : 'cut';
  };

const loopbacks = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '0177.0.0.1', '0x7f.1', '0x7f000001'],
  ...[
    '2130706433',
    '017700000001',
    '0',
    '0.0.0.0',
    '0.0.0.1',
    'localhost',
    'LOCALHOST',
    'localhost.',
  ],
  ...['::1', '::', '0:0:0:0:0:0:0:1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  ...['::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b:1::7f00:1', '2002:7f00:1::'],
  ...['[::1]', '::1%lo', '127.0.0.1%lo', ' 127.0.0.1', '127.0.0.1 ', '127.0.0.1\0.example.com'],
  ...['*', '', '127.0.0.1/8', 'user@127.0.0.1', '127。0。0。1', '①27.0.0.1'],
];

const metadata = [
  ...['169.254.169.254', '0xa9fea9fe', '2852039166', '::ffff:169.254.169.254', 'fd00:ec2::254'],
  ...['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:c1::a9fe:a9fe', 'fe80::a9fe:a9fe'],
];

const sockets = [
  ...['/run/docker.sock', '/srv/open/../../run/docker.sock', '/srv/open//../../run/docker.sock'],
  ...['/srv/open/./../../run/docker.sock', '/srv/open/\0/run/docker.sock', 'srv/open/x', ''],
  ...['/srv/open/', '/srv/open/x\n', '@/srv/open/x', '\0/srv/open/x'],
];

export const forwardCases: readonly GatewayAttack[] = [
  forwards(
    'to a service that the target may forward to',
    'reached by permission',
    async (arena) => {
      const fate = await to('127.0.0.1', 'near')(arena);
      return fate === 'reached' ? 'reached by permission' : fate;
    },
  ),
  ...loopbacks.map((host) => forwards(`to ${JSON.stringify(host)}`, 'refused', to(host))),
  ...metadata.map((host) =>
    forwards(
      `to metadata at ${host}`,
      'refused',
      opening(() => direct(host, 80)),
    ),
  ),
  forwards(
    'to another port',
    'refused',
    opening(() => direct('127.0.0.1', 22), 'near'),
  ),
  forwards(
    'to a port of seventeen bits',
    'refused',
    opening(({ servicePort }) => direct('127.0.0.1', servicePort + 65_536), 'near'),
  ),
  forwards(
    'to port 0',
    'refused',
    opening(() => direct('127.0.0.1', 0), 'near'),
  ),
  ...sockets.map((path) =>
    forwards(
      `to the socket ${JSON.stringify(path)}`,
      'refused',
      opening(() => socket(path)),
    ),
  ),
  ...['', '*', '0.0.0.0', 'localhost', '127.0.0.1', '::', 'x\0y'].map((address) =>
    forwards(
      `a listener on ${JSON.stringify(address)}`,
      'refused',
      listening('tcpip-forward', (request) => request.text(address).uint32(0)),
    ),
  ),
  forwards(
    'a listener on a socket',
    'refused',
    listening('streamlocal-forward@openssh.com', (request) => request.text('/srv/open/x')),
  ),
  forwards(
    'the end of a listener that nobody has',
    'refused',
    listening('cancel-tcpip-forward', (request) => request.text('').uint32(8080)),
  ),
  forwards('a tunnel', 'refused', async (arena) => {
    using peer = await loggedIn(arena.login());
    peer.send(openWith('tun@openssh.com').uint32(1).uint32(0));
    const answer = await peer.next(messages.channelOpenConfirmation, messages.channelOpenFailure);
    return answer?.[0] === messages.channelOpenFailure ? 'refused' : 'granted';
  }),
];
