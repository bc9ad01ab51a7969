// The upstream hop: a verified connection to the target, logged in with a credential that only the gateway
// holds (PostgreSQL "Start-up", SCRAM-SHA-256 of RFC 7677).

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

import type { PostgresTargetConfig, Secret } from '#engine';
import { UpstreamError } from '#engine';
import { ByteSource, channelBinding, dial, secureClient } from '#transport';

import type { Message } from './message-stream.ts';
import { MessageStream } from './message-stream.ts';
import type { BackendKeyData, StartupParameter } from './wire/index.ts';
import {
  backend,
  decodeAuthentication,
  decodeBackendKeyData,
  decodeParameterStatus,
  decodeServerReport,
  encodeCancelRequest,
  encodeSaslInitialResponse,
  encodeSaslResponse,
  encodeSslRequest,
  encodeStartup,
  reportField,
  scramClientFinal,
  scramClientFirst,
  scramMechanisms,
  verifyScramServerFinal,
} from './wire/index.ts';

const connectMilliseconds = 10_000;
const loginBytesMax = 64 * 1024;
const nonceBytes = 18;
const sslAccepted = 0x53;

export interface UpstreamTarget {
  readonly config: PostgresTargetConfig;
  readonly password: Secret;
  /** PEM of the authorities that may sign the server's certificate. */
  readonly ca: string | undefined;
}

export interface Upstream {
  readonly socket: Socket;
  /** As reported by ParameterStatus, in the server's spelling. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly key: BackendKeyData;
}

/**
 * Connects and logs in. Both lexer settings are fixed here, so that no default of a role or database can make
 * the server read other text than the gateway parsed.
 *
 * @throws UpstreamError, with the target's own words where it refused.
 */
export async function connectUpstream(
  target: UpstreamTarget,
  database: string,
  parameters: readonly StartupParameter[],
): Promise<Upstream> {
  const signal = AbortSignal.timeout(connectMilliseconds);
  const socket = await openSocket(target, signal);
  try {
    socket.write(
      encodeStartup([
        ...parameters,
        ['user', target.config.credential.user],
        ['database', database],
        ['client_encoding', 'UTF8'],
        ['standard_conforming_strings', 'on'],
      ]),
    );
    const messages = new MessageStream(new ByteSource(socket, signal), {
      direction: 'backend',
      bytesMax: loginBytesMax,
    });
    await authenticate(messages, socket, target);
    const start = await readStart(messages);
    const unread = messages.takeUnread();
    if (unread.length > 0) socket.unshift(unread);
    return { socket, ...start };
  } catch (error) {
    socket.destroy();
    if (error instanceof UpstreamError) throw error;
    throw new UpstreamError('upstream-broken', 'the target broke off the login', { cause: error });
  }
}

/**
 * Asks the target to cancel what the connection with this key does now (PostgreSQL "Canceling Requests in Progress").
 * Resolves when the target has closed this connection: then it has sent its signal, which hits nothing that comes later.
 */
export async function cancelUpstream(target: UpstreamTarget, key: BackendKeyData): Promise<void> {
  const signal = AbortSignal.timeout(connectMilliseconds);
  const socket = await openSocket(target, signal);
  socket.on('error', () => socket.destroy());
  const closed = once(socket, 'close', { signal }).catch(() => socket.destroy());
  socket.end(encodeCancelRequest(key));
  socket.resume();
  await closed;
}

async function openSocket(target: UpstreamTarget, signal: AbortSignal): Promise<Socket> {
  const { host, port, tls } = target.config;
  const socket = await dial({ address: { host, port }, signal });
  if (tls.kind === 'insecure-plaintext') return socket;
  try {
    socket.write(encodeSslRequest());
    const answer = await new ByteSource(socket, signal).read();
    // More than one byte would be plaintext that pretends to come from inside TLS.
    if (answer?.length !== 1 || answer[0] !== sslAccepted) {
      throw new UpstreamError('upstream-untrusted', 'the target does not offer TLS', {
        hint: 'switch on ssl in the target, or say insecure_plaintext in its configuration',
      });
    }
    return await secureClient(socket, {
      servername: tls.servername,
      ...(target.ca === undefined ? {} : { ca: target.ca }),
      signal,
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function authenticate(
  messages: MessageStream,
  socket: Socket,
  target: UpstreamTarget,
): Promise<void> {
  const request = decodeAuthentication((await expect(messages, backend.authentication)).frame);
  if (request.kind === 'ok') return;
  if (request.kind !== 'sasl') {
    throw new UpstreamError('upstream-refused', `the target asks for ${request.kind}`, {
      hint: 'let the role log in with scram-sha-256',
    });
  }
  const bound = 'encrypted' in socket ? channelBinding(socket as TLSSocket) : null;
  const offered = request.mechanisms.includes(scramMechanisms.channelBound);
  const hash = offered ? bound : null;
  const first = scramClientFirst(randomBytes(nonceBytes).toString('base64'), {
    ...(hash === null ? {} : { certificateHash: hash }),
    serverLacksBinding: bound !== null && !offered,
  });
  const mechanism = hash === null ? scramMechanisms.plain : scramMechanisms.channelBound;
  socket.write(encodeSaslInitialResponse({ mechanism, response: first.message }));
  const challenge = decodeAuthentication((await expect(messages, backend.authentication)).frame);
  if (challenge.kind !== 'sasl-continue') throw unexpected(challenge.kind);
  const final = await scramClientFinal(first, challenge.payload, target.password.reveal());
  socket.write(encodeSaslResponse(final.message));
  const proof = decodeAuthentication((await expect(messages, backend.authentication)).frame);
  if (proof.kind !== 'sasl-final') throw unexpected(proof.kind);
  verifyScramServerFinal(final, proof.payload);
  const done = decodeAuthentication((await expect(messages, backend.authentication)).frame);
  if (done.kind !== 'ok') throw unexpected(done.kind);
}

async function readStart(messages: MessageStream): Promise<Omit<Upstream, 'socket'>> {
  const parameters = new Map<string, string>();
  let key: BackendKeyData | undefined;
  for (;;) {
    const { type, frame } = await expect(messages);
    switch (type) {
      case backend.parameterStatus: {
        const { name, value } = decodeParameterStatus(frame);
        parameters.set(name, value);
        break;
      }
      case backend.backendKeyData:
        key = decodeBackendKeyData(frame);
        break;
      case backend.noticeResponse:
        break;
      case backend.readyForQuery:
        if (key === undefined) throw unexpected('no cancel key');
        return { parameters, key };
      default:
        throw unexpected(`message 0x${type.toString(16)}`);
    }
  }
}

/** The next message, of this type if one is given; the target's refusal as an error. */
async function expect(messages: MessageStream, type?: number): Promise<Message> {
  const message = await messages.next();
  if (message === undefined) {
    throw new UpstreamError('upstream-broken', 'the target closed the connection');
  }
  if (message.type === backend.errorResponse) {
    const report = decodeServerReport(message.frame);
    const text = reportField(report, 'message') ?? 'no reason given';
    throw new UpstreamError('upstream-refused', `the target refused the gateway: ${text}`);
  }
  if (type !== undefined && message.type !== type) {
    throw unexpected(`message 0x${message.type.toString(16)}`);
  }
  return message;
}

function unexpected(what: string): UpstreamError {
  return new UpstreamError('upstream-broken', `the target answered the login with ${what}`);
}
