// The leg to a client: keys, login, then channels.

import type { Socket } from 'node:net';
import type { Limits } from '#engine/model';
import { loginSignatureAlgorithms, offerOf } from './algorithms.ts';
import type { Channel } from './channel.ts';
import { ClientLogin } from './client-login.ts';
import type { LoginAnswer, LoginAttempt } from './client-login.ts';
import { Connection } from './connection.ts';
import type { AskedGlobally, AskedToOpen } from './connection.ts';
import { FieldWriter } from './fields.ts';
import type { HostKeys } from './host-keys.ts';
import { messages } from './message-types.ts';
import type { ChannelType } from './requests.ts';
import type { TransportEnd } from './transport.ts';
import { Transport } from './transport.ts';
import { Violation } from './violation.ts';

export interface AcceptClientOptions {
  readonly hostKeys: HostKeys;
  readonly limits: Limits;
  /** Text for people, before they log in. */
  readonly banner?: string | undefined;
  /** One at a time. A rejection refuses the attempt. */
  readonly authenticate: (attempt: LoginAttempt) => Promise<LoginAnswer>;
  /** The login was accepted: nothing was asked yet. */
  readonly onReady: (client: GuardedClient) => void;
  /** A channel is asked for; set `onRequest` of an accepted one at once. */
  readonly onOpen: (asked: AskedToOpen) => void;
  /** Listeners are asked for, or their end. */
  readonly onGlobalRequest: (asked: AskedGlobally) => void;
  /** Once, whatever the reason; all channels are gone. */
  readonly onEnd: (end: TransportEnd) => void;
}

export interface GuardedClient {
  readonly username: string;
  /** What the client calls itself (RFC 4253 §4.2): `OpenSSH_10.0p2 Debian-7`. */
  readonly software: string;
  readonly ended: boolean;
  /** What both sides agreed on; identifies the connection (RFC 4253 §7.2). */
  readonly sessionId: Buffer;
  /** @throws ChannelRefused */
  readonly open: (
    type: Extract<ChannelType, { readonly kind: 'forwarded-tcpip' | 'forwarded-socket' }>,
  ) => Promise<Channel>;
  readonly rekey: () => void;
  /** Says goodbye: what was sent still arrives. @param text For the person, where the client shows it. */
  readonly end: (text: string) => void;
}

/** Owns the socket from here on, and ends it. Never throws, whatever the client sends. */
export function acceptClient(socket: Socket, options: AcceptClientOptions): Leg {
  const { hostKeys, limits, banner, authenticate } = options;
  const transport: Transport = new Transport(socket, {
    role: { kind: 'server', hostKeys: hostKeys.byAlgorithm },
    offer: offerOf(Object.keys(hostKeys.byAlgorithm)),
    limits,
    handlers: {
      secured: (_negotiated, extensionsWanted) => {
        if (extensionsWanted) transport.send(signatureAlgorithms());
      },
      message: (payload) => receive(payload),
      ping: () => connection.ping(),
      ended: (end) => {
        login.lost();
        connection.lost();
        options.onEnd(end);
      },
    },
  });
  const connection = new Connection(transport, 'client', {
    open: options.onOpen,
    request: options.onGlobalRequest,
  });
  let open = false;
  const login = new ClientLogin({
    ...{ transport, banner, authenticate },
    onAccepted: (username) => {
      open = true;
      options.onReady(clientOf(username, transport, connection));
    },
  });
  const receive = (payload: Buffer): void => {
    const isLogin = (payload[0] ?? 0) < messages.globalRequest;
    if (isLogin) login.message(payload);
    else if (open) connection.message(payload);
    else throw new Violation('message-out-of-order', 'log in first');
  };
  return { end: (text) => transport.end(text) };
}

/** What can be done before anybody has logged in. */
export interface Leg {
  readonly end: (text: string) => void;
}

const clientOf = (
  username: string,
  transport: Transport,
  connection: Connection,
): GuardedClient => ({
  username,
  software: transport.identification.software,
  get ended() {
    return transport.ended;
  },
  sessionId: transport.sessionId,
  open: (type) => connection.open(type),
  rekey: () => transport.rekey(),
  end: (text) => transport.end(text),
});

/** RFC 8308 §3.1: without it clients do not know that RSA keys sign with SHA-2. */
const signatureAlgorithms = (): Buffer =>
  new FieldWriter(messages.extensionInfo)
    .uint32(1)
    .text('server-sig-algs')
    .names(loginSignatureAlgorithms)
    .payload();
