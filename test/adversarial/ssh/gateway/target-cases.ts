// Attacks by the target: what it opens, floods, claims, or becomes.

import { loggedIn, run } from '../../../support/ssh/raw-client.ts';
import { about, data } from '../../../support/ssh/raw-client.ts';
import type { RawPeer } from '../../../support/ssh/raw-peer.ts';
import { FieldWriter, messages } from '../../../support/ssh/raw-peer.ts';
import { execute } from '../../../support/ssh/raw-session.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';

const targets = gatewayAttackOn('a hostile target');

type Act = (peer: RawPeer, channel: number) => void;

const end: Act = (peer, channel) => {
  peer.send(
    about(messages.channelRequest, channel).text('exit-status').boolean(false).uint32(0),
    about(messages.channelClose, channel),
  );
};

const openWith = (type: string): FieldWriter =>
  new FieldWriter(messages.channelOpen)
    .text(type)
    .uint32(99)
    .uint32(2 ** 20)
    .uint32(2 ** 15);

/** Runs a command there; what the caller was asked for, and whether others are still served. */
const answering =
  (act: Act) =>
  async (arena: GatewayArena): Promise<string> => {
    const { hostile } = arena;
    hostile.answers.length = 0;
    hostile.onStart = act;
    using peer = await loggedIn(arena.login('ada', 'hostile'));
    const heard = await execute(peer, 'true');
    const asked = peer.received.some(([type]) => type === messages.channelOpen);
    using other = await loggedIn(arena.login());
    if ((await run(other, 'echo in')) !== 'in\n') return 'others are not served';
    if (asked) return 'reaches the caller';
    if (heard === undefined) return 'cut';
    if (hostile.answers.includes(messages.channelOpenConfirmation)) return 'accepted';
    return hostile.answers.includes(messages.channelOpenFailure)
      ? 'refused'
      : `status ${heard.status ?? 'none'}`;
  };

const opens = (name: string, request: FieldWriter): GatewayAttack =>
  targets(
    `opens ${name}`,
    'refused',
    answering((peer, channel) => {
      peer.send(request);
      setImmediate(() => end(peer, channel));
    }),
  );

export const targetCases: readonly GatewayAttack[] = [
  targets('is honest', 'status 0', answering(end)),
  opens(
    'a forward that nobody asked for',
    openWith('forwarded-tcpip').text('localhost').uint32(8080).text('x').uint32(1),
  ),
  opens(
    'a socket that nobody asked for',
    openWith('forwarded-streamlocal@openssh.com').text('/tmp/x').text(''),
  ),
  opens('the agent', openWith('auth-agent@openssh.com')),
  opens('X11', openWith('x11').text('localhost').uint32(1)),
  opens('a session on the caller', openWith('session')),
  opens(
    'a forward of its own',
    openWith('direct-tcpip').text('localhost').uint32(22).text('x').uint32(1),
  ),
  targets(
    'asks the caller to run something',
    'status 0',
    answering((peer, channel) => {
      peer.send(about(messages.channelRequest, channel).text('exec').boolean(false).text('id'));
      end(peer, channel);
    }),
  ),
  targets(
    'sends more than the window',
    'cut',
    answering((peer, channel) => {
      for (let at = 0; at < 2000; at += 1) peer.send(data(channel, Buffer.alloc(32_000)));
    }),
  ),
  targets(
    'says twice how it ended',
    'status 0',
    answering((peer, channel) => {
      peer.send(
        about(messages.channelRequest, channel).text('exit-status').boolean(false).uint32(0),
      );
      peer.send(
        about(messages.channelRequest, channel).text('exit-status').boolean(false).uint32(0),
      );
      peer.send(about(messages.channelClose, channel));
    }),
  ),
  targets(
    'ends without a word',
    'status none',
    answering((peer, channel) => {
      peer.send(about(messages.channelClose, channel));
    }),
  ),
  targets('closes twice', 'cut', async (arena) => {
    const attack = answering((peer, channel) => {
      peer.send(about(messages.channelClose, channel), about(messages.channelClose, channel));
      setImmediate(() => peer.send(about(messages.channelClose, channel)));
    });
    const got = await attack(arena);
    // The caller may hear of the first end before the connection goes for the second.
    return got === 'status none' ? 'cut' : got;
  }),
  targets(
    'writes to a channel that there is not',
    'cut',
    answering((peer) => {
      peer.send(data(4711, 'x'));
    }),
  ),
  targets(
    'hangs up',
    'cut',
    answering((peer) => {
      peer.socket.destroy();
    }),
  ),
  targets('has another host key than is pinned', 'not trusted', async (arena) => {
    using peer = await loggedIn(arena.login('ada', 'impostor'));
    const heard = await execute(peer, 'true');
    return heard?.stderr.includes('not trusted') === true && heard.status === 255
      ? 'not trusted'
      : `status ${heard?.status ?? 'none'}: ${heard?.stderr ?? ''}`;
  }),
];
