// The downstream hop up to the password: SSLRequest, GSSENCRequest, CancelRequest, StartupMessage
// (PostgreSQL "Start-up", "SSL Session Encryption"). Nothing is known of the caller yet, so bounds come first.

import type { Socket } from 'node:net';

import type { Authenticated, Engine } from '#engine';
import type { ServerTls } from '#transport';
import { ByteSource } from '#transport';

import { MessageStream } from './message-stream.ts';
import type { FatalError } from './refusal.ts';
import { startupSettings } from './startup-settings.ts';
import type { CancelRequest, StartupMessage, StartupPacket } from './wire/index.ts';
import {
  StartupReader,
  WireError,
  decodePassword,
  decodeStartupPacket,
  encodeAuthentication,
  encodeNegotiateProtocolVersion,
  frontend,
} from './wire/index.ts';

const acceptTls = Buffer.from('S');
const refuseEncryption = Buffer.from('N');
const encryptionRequestsMax = 2;
/** The protocol's name in a handshake (RFC 7301). */
export const alpn = 'postgresql';
/** First byte of a TLS connection (RFC 8446 §5.1); as a packet's length it would be far beyond all bounds. */
const handshakeRecord = 0x16;

export interface Login {
  readonly kind: 'login';
  readonly socket: Socket;
  /** Version that is spoken with the client. */
  readonly protocol: number;
  readonly authenticated: Authenticated;
  /** The part of the database name before the first slash. */
  readonly target: string;
  /** The part behind it, if there is one. */
  readonly database: string | undefined;
  readonly application: string;
  /** Settings to pass on to the target: names of the allowlist only. */
  readonly settings: ReadonlyMap<string, string>;
}

export type LoginResult =
  | Login
  | { readonly kind: 'cancel'; readonly request: CancelRequest; readonly socket: Socket }
  | { readonly kind: 'gone' };

/** Ends the connection with a FATAL error on the socket as it is now. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
  readonly socket: Socket;
  readonly fatal: FatalError;

  constructor(socket: Socket, fatal: FatalError, options?: ErrorOptions) {
    super(fatal.message, options);
    this.socket = socket;
    this.fatal = fatal;
  }
}

export interface LoginOptions {
  readonly tls: ServerTls;
  readonly allowPlaintext: boolean;
  readonly authenticate: Engine['authenticator']['byToken'];
  readonly startupBytesMax: number;
  /** Bounds the whole login. */
  readonly signal: AbortSignal;
}

/**
 * Brings one accepted connection to an authenticated caller.
 *
 * @throws LoginRefused with what to tell the client and where: beside TLS it would be noise in the protected stream.
 */
export async function login(accepted: Socket, options: LoginOptions): Promise<LoginResult> {
  const way: Way = { socket: accepted, secured: false };
  try {
    return await negotiate(way, options);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const fatal = { code: '08P01', message: error.message };
    throw new LoginRefused(way.socket, fatal, { cause: error });
  }
}

/** The connection as it is now. */
interface Way {
  socket: Socket;
  secured: boolean;
}

async function negotiate(way: Way, options: LoginOptions): Promise<LoginResult> {
  for (let requests = 0; ; requests += 1) {
    const source = new ByteSource(way.socket, options.signal);
    const packet = await readPacket(source, options.startupBytesMax, requests === 0);
    if (packet === undefined) return { kind: 'gone' };
    switch (packet.kind) {
      case 'tls': {
        way.socket.unshift(packet.bytes);
        const secured = await options.tls.secure(way.socket);
        // What another protocol's client was lured into sending must not be read as PostgreSQL's.
        if (secured.alpnProtocol !== alpn) return abandon(secured);
        way.socket = secured;
        way.secured = true;
        break;
      }
      case 'cancel':
        return { kind: 'cancel', request: packet, socket: way.socket };
      case 'startup':
        return authenticateStartup(packet, way.socket, { ...options, secured: way.secured });
      case 'gss':
      case 'ssl': {
        if (way.secured || requests >= encryptionRequestsMax) {
          throw new WireError('message-unexpected', 'too many requests for encryption');
        }
        if (packet.kind === 'gss') {
          way.socket.write(refuseEncryption);
          break;
        }
        way.socket.write(acceptTls);
        way.socket = await options.tls.secure(way.socket);
        way.secured = true;
        break;
      }
    }
  }
}

function abandon(socket: Socket): LoginResult {
  socket.destroy();
  return { kind: 'gone' };
}

/** A connection that begins with TLS, without asking for it (PostgreSQL "SSL Session Encryption"). */
interface DirectTls {
  readonly kind: 'tls';
  /** Read, and part of the handshake. */
  readonly bytes: Buffer;
}

/** One untyped packet; nothing may follow it before it is answered. */
async function readPacket(
  source: ByteSource,
  bytesMax: number,
  isFirst: boolean,
): Promise<StartupPacket | DirectTls | undefined> {
  const reader = new StartupReader(bytesMax);
  for (let chunks = 0; ; chunks += 1) {
    const chunk = await source.read();
    if (chunk === null) return undefined;
    if (isFirst && chunks === 0 && chunk[0] === handshakeRecord) {
      return { kind: 'tls', bytes: chunk };
    }
    reader.push(chunk);
    const packet = reader.next();
    if (packet === undefined) continue;
    // Bytes sent in the clear behind an SSLRequest would later pass for protected ones (CVE-2021-23214).
    if (reader.unread > 0) {
      throw new WireError('message-unexpected', 'bytes behind the first packet');
    }
    return decodeStartupPacket(packet);
  }
}

async function authenticateStartup(
  startup: StartupMessage,
  socket: Socket,
  options: LoginOptions & { readonly secured: boolean },
): Promise<LoginResult> {
  const refuse = (code: string, message: string, hint?: string) =>
    new LoginRefused(socket, { code, message, hint });
  if (!options.secured && !options.allowPlaintext) {
    throw refuse('28000', 'TLS is required', 'connect with sslmode=verify-full');
  }
  const passed = startupSettings(startup);
  if (passed.kind === 'refused') throw refuse('0A000', passed.message, passed.hint);
  const { settings } = passed;
  const requested = startup.database ?? startup.user;
  const [, target = '', database] = /^([^/]*)(?:\/(.+))?$/s.exec(requested) ?? [];
  if (startup.negotiation !== undefined) {
    socket.write(encodeNegotiateProtocolVersion(startup.negotiation));
  }
  socket.write(encodeAuthentication({ kind: 'cleartext-password' }));
  const messages = new MessageStream(new ByteSource(socket, options.signal), {
    direction: 'frontend',
    bytesMax: options.startupBytesMax,
  });
  const message = await messages.next();
  if (message === undefined) return { kind: 'gone' };
  if (message.type !== frontend.password || messages.takeUnread().length > 0) {
    throw new WireError('message-unexpected', 'a password message was expected');
  }
  const authenticated = options.authenticate(decodePassword(message.frame).toString('utf8'));
  if (authenticated === undefined) {
    throw refuse('28P01', 'authentication failed', 'the password is an API token of this gateway');
  }
  const application = settings.get('application_name') ?? '';
  const protocol = startup.version;
  return {
    kind: 'login',
    socket,
    protocol,
    authenticated,
    target,
    database,
    application,
    settings,
  };
}
