// The leg to a target: its key is checked at every exchange, the gateway logs in, then channels.

import type { Socket } from 'node:net';
import type { Limits } from '#engine/model';
import { UpstreamError } from '#engine/model';
import { hostKeyAlgorithms, offerOf } from './algorithms.ts';
import type { Channel } from './channel.ts';
import type { HostKeyVerdict } from './certified-host-key.ts';
import { Connection } from './connection.ts';
import type { AskedToOpen, GlobalAnswer } from './connection.ts';
import { messages } from './message-types.ts';
import type { ChannelType, GlobalRequest } from './requests.ts';
import { TargetLogin } from './target-login.ts';
import type { TargetCredential } from './target-login.ts';
import type { TransportEnd } from './transport.ts';
import { Transport } from './transport.ts';
import { Violation } from './violation.ts';

export interface ConnectTargetOptions {
  readonly username: string;
  readonly credential: TargetCredential;
  /** At every key exchange. @param key Key or certificate as SSH encodes it. */
  readonly verifyHostKey: (key: Buffer) => HostKeyVerdict;
  /** Those of the keys and certificates that can be verified, so that the target presents one of them. */
  readonly hostKeyAlgorithms?: readonly string[];
  readonly limits: Limits;
  /** Connections that came to a listener that was asked for; left out, all are refused. */
  readonly onOpen?: ((asked: AskedToOpen) => void) | undefined;
  /** Once, also when it was never reached. */
  readonly onEnd: (end: TransportEnd) => void;
}

export interface GuardedTarget {
  readonly ended: boolean;
  /** @throws ChannelRefused */
  readonly open: (
    type: Extract<ChannelType, { readonly kind: 'session' | 'direct-tcpip' | 'direct-socket' }>,
  ) => Promise<Channel>;
  /** Asks for a listener, or its end. */
  readonly ask: (
    request: Exclude<GlobalRequest, { readonly kind: 'other' | 'no-more-sessions' }>,
  ) => Promise<GlobalAnswer>;
  readonly rekey: () => void;
  /** Says goodbye: what was sent still arrives. */
  readonly end: () => void;
}

/**
 * Owns the socket from here on, and ends it. Resolves when logged in.
 * @throws UpstreamError `upstream-untrusted` for its key, `upstream-refused` for our credential,
 *   `upstream-broken` for what it says, `upstream-unreachable` when it says nothing
 */
export async function connectTarget(
  socket: Socket,
  options: ConnectTargetOptions,
): Promise<GuardedTarget> {
  const { limits, verifyHostKey, username, credential, onOpen = refuse } = options;
  const transport: Transport = new Transport(socket, {
    role: { kind: 'client', verifyHostKey },
    offer: offerOf([...(options.hostKeyAlgorithms ?? hostKeyAlgorithms)]),
    limits,
    handlers: {
      secured: () => login.begin(),
      message: (payload) => receive(payload),
      ping: () => connection.ping(),
      ended: (end) => {
        login.fail(failureOf(end));
        connection.lost();
        options.onEnd(end);
      },
    },
  });
  const connection = new Connection(transport, 'target', {
    open: onOpen,
    request: ({ reply }) => reply({ granted: false }),
  });
  const login = new TargetLogin(transport, username, credential);
  let open = false;
  const receive = (payload: Buffer): void => {
    const isLogin = (payload[0] ?? 0) < messages.globalRequest;
    if (!open && isLogin) return login.message(payload);
    if (open && !isLogin) return connection.message(payload);
    throw new Violation('message-out-of-order', 'a message out of its phase');
  };
  login.onAccepted = () => {
    open = true;
  };
  await login.accepted;
  return {
    get ended() {
      return transport.ended;
    },
    open: (type) => connection.open(type),
    ask: (request) => connection.ask(request),
    rekey: () => transport.rekey(),
    end: () => transport.end(),
  };
}

const refuse = (asked: AskedToOpen): void => asked.refuse('prohibited', 'not asked for');

function failureOf(end: TransportEnd): UpstreamError {
  switch (end.kind) {
    case 'violation': {
      if (end.rule === 'host-key-refused') {
        return new UpstreamError('upstream-untrusted', 'the host key of the target is not known', {
          hint: 'compare it with host_key of the target; verification cannot be skipped',
        });
      }
      const slow = end.rule === 'login-too-slow';
      const message = `the target broke the protocol: ${end.message}`;
      return new UpstreamError(slow ? 'upstream-unreachable' : 'upstream-broken', message);
    }
    case 'disconnected':
      return new UpstreamError('upstream-refused', 'the target ended the connection');
    case 'closed':
    case 'ended':
      return new UpstreamError('upstream-unreachable', 'the target closed the connection');
  }
}
