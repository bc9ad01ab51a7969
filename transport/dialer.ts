// Connections to targets: TCP within a time, TLS that is verified or refused; it never falls back.

import { connect, isIP } from 'node:net';
import type { OnReadOpts, Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { ConnectionOptions, SecureContext, SecureVersion, TLSSocket } from 'node:tls';
import { UpstreamError } from '#engine/model';
import type { Address } from './address.ts';
import { formatAddress } from './address.ts';
import { thrownCode, thrownMessage } from './thrown.ts';

const keepAliveMs = 60_000;

export interface DialOptions {
  readonly address: Address;
  /** Bounds the name lookup and all attempts together. */
  readonly signal: AbortSignal;
  /**
   * What a `data` event hands over lasts as long as the event: all such connections are read into one buffer, larger than Node's.
   * The connection is paused until it is resumed.
   */
  readonly passingReads?: boolean;
}

export interface ClientTlsMaterial {
  /** PEM; the public authorities that Node brings unless given. */
  readonly ca?: string | Buffer;
  readonly minVersion?: SecureVersion;
  /** PEM of a certificate to present, with its key. */
  readonly client?: { readonly certificate: string | Buffer; readonly key: string | Buffer };
}

export interface ClientTlsOptions extends ClientTlsMaterial {
  /** The name or IP address that the certificate must hold. */
  readonly servername: string;
  /** The material parsed before, in its stead. */
  readonly context?: SecureContext;
  readonly alpn?: readonly string[];
  readonly signal: AbortSignal;
}

/** Waits for one event; the signal or the socket's end destroys it and rejects. */
async function established<Kind extends Socket>(
  socket: Kind,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Kind> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const aborted = (): void => reject(signal.reason as Error);
  const closed = (): void => reject(new Error('the connection was closed'));
  const done = (): void => resolve(undefined);
  // Stays: later errors are seen by whoever reads, and unheard they would end the process.
  socket.on('error', reject);
  socket.once('close', closed).once(event, done);
  signal.addEventListener('abort', aborted);
  if (signal.aborted) aborted();
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    socket.off('close', closed).off(event, done);
    signal.removeEventListener('abort', aborted);
  }
}

const passingBytes = Buffer.allocUnsafeSlow(128 * 1024);

const passing = (socketOf: () => Socket): OnReadOpts => ({
  buffer: passingBytes,
  callback: (length) => {
    socketOf().emit('data', passingBytes.subarray(0, length));
    return true;
  },
});

/** @throws UpstreamError `upstream-unreachable` */
export async function dial({ address, signal, passingReads }: DialOptions): Promise<Socket> {
  const socket: Socket = connect({
    ...{ host: address.host, port: address.port, noDelay: true },
    ...{ keepAlive: true, keepAliveInitialDelay: keepAliveMs },
    ...(passingReads === true ? { onread: passing(() => socket) } : {}),
  });
  // Else it is read before anybody listens.
  if (passingReads === true) socket.pause();
  try {
    return await established(socket, 'connect', signal);
  } catch (cause) {
    throw new UpstreamError(
      'upstream-unreachable',
      `no connection to ${formatAddress(address)}: ${thrownMessage(cause)}`,
      { cause },
    );
  }
}

/**
 * @throws UpstreamError `upstream-untrusted` naming the check that failed, `upstream-broken` when the peer
 *   speaks no TLS that is acceptable, `upstream-unreachable` when it does not answer in time
 */
export async function secureClient(socket: Socket, options: ClientTlsOptions): Promise<TLSSocket> {
  const secured = connectTls(tlsOptions(socket, options));
  try {
    return await established(secured, 'secureConnect', options.signal);
  } catch (cause) {
    socket.destroy();
    // Typed as always present; unset unless verification failed.
    const untrusted = secured.authorizationError as unknown;
    if (untrusted !== undefined && untrusted !== null) throw distrust(options, cause);
    const code = options.signal.aborted ? 'upstream-unreachable' : 'upstream-broken';
    const message = `no TLS with ${options.servername}: ${thrownMessage(cause)}`;
    throw new UpstreamError(code, message, { cause });
  }
}

/** For many connections: parsed for each of them the authorities take more memory than all else that it holds. */
export const clientContext = (material: ClientTlsMaterial): SecureContext =>
  createSecureContext(materialOf(material));

const materialOf = ({ ca, client, minVersion = 'TLSv1.2' }: ClientTlsMaterial) => ({
  minVersion,
  ...(ca === undefined ? {} : { ca }),
  ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
});

function tlsOptions(socket: Socket, options: ClientTlsOptions): ConnectionOptions {
  const { servername, alpn, context } = options;
  return {
    socket,
    rejectUnauthorized: true,
    // `host` is what the certificate is checked against. The extension holds names only (RFC 6066 §3).
    host: servername,
    servername: isIP(servername) === 0 ? servername : '',
    ...(context === undefined ? materialOf(options) : { secureContext: context }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
  };
}

function distrust({ servername }: ClientTlsOptions, cause: unknown): UpstreamError {
  const message = `the certificate of ${servername} is not trusted: ${reasonOf(thrownCode(cause))}`;
  return new UpstreamError('upstream-untrusted', message, {
    cause,
    hint: 'check tls.ca and tls.servername of the target; verification cannot be skipped',
  });
}

function reasonOf(code: string | undefined): string {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'it is for another name';
    case 'CERT_HAS_EXPIRED':
      return 'it has expired';
    case 'CERT_NOT_YET_VALID':
      return 'it is not valid yet';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return 'no trusted authority signed it';
    default:
      return code ?? 'unknown';
  }
}
