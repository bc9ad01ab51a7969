// TLS towards callers (RFC 8446, RFC 5246): the gateway's certificate, reloaded when its files change.

import { X509Certificate, createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { Server } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { ConfigError, ProtocolError } from '#engine/model';
import type { OnEvent } from './event.ts';
import { thrownCode, thrownMessage } from './thrown.ts';
import { watchFiles } from './watch-files.ts';

export interface ServerTlsOptions {
  /** Paths to PEM files; the certificate's may hold its chain. */
  readonly certificate: string;
  readonly key: string;
  /** With it, callers are asked for a certificate; one that this authority did not sign ends the connection. */
  readonly clientCa?: string;
  /** Lets callers come without one: they are to say in another way who they are. */
  readonly clientCertificateOptional?: boolean;
  /** Protocols that are offered (RFC 7301); a caller that names only others is refused. */
  readonly alpn?: readonly string[];
  /** From the first byte to the end of a handshake. */
  readonly handshakeMsMax: number;
  readonly onEvent: OnEvent;
}

interface Material {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

interface Handshake {
  readonly resolve: (socket: TLSSocket) => void;
  readonly reject: (error: Error) => void;
}

/** One TCP connection's name, the same on the socket and on its TLS wrapper. */
const nameOf = (socket: Socket): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;

async function readMaterial(options: ServerTlsOptions): Promise<Material> {
  const cert = await readFile(options.certificate);
  const key = await readFile(options.key);
  if (options.clientCa === undefined) return { cert, key };
  return { cert, key, ca: await readFile(options.clientCa) };
}

/** Tells whether the files are other ones without keeping the key. */
const digestOf = (material: Material): string =>
  createHash('sha256')
    .update(material.cert)
    .update(material.key)
    .update(material.ca ?? '')
    .digest('hex');

export class ServerTls {
  readonly #options: ServerTlsOptions;
  readonly #handshakes = new Map<string, Handshake>();
  readonly #server: Server;
  readonly #stopWatching: () => void;
  #certificate: X509Certificate;
  /** Digest of the files as last read, or why they could not be, so that each state is reported once. */
  #seen: string;

  private constructor(options: ServerTlsOptions, material: Material) {
    this.#options = options;
    this.#certificate = new X509Certificate(material.cert);
    this.#seen = digestOf(material);
    const verifies = options.clientCa !== undefined;
    // It never listens: `secure` gives it the connections, it brings handshake, tickets and client verification.
    this.#server = new Server({
      ...material,
      minVersion: 'TLSv1.2',
      handshakeTimeout: options.handshakeMsMax,
      requestCert: verifies,
      // Node rejects a missing certificate and a false one alike: where one may be missing, `#secured` decides.
      rejectUnauthorized: verifies && options.clientCertificateOptional !== true,
      ...(options.alpn === undefined ? {} : { ALPNProtocols: [...options.alpn] }),
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
    const files = [options.certificate, options.key, options.clientCa].filter(
      (file) => file !== undefined,
    );
    this.#stopWatching = watchFiles(files, () => this.#reload());
  }

  /** @throws ConfigError `config-unreadable` or `config-invalid` when there is no usable pair to begin with */
  static async load(options: ServerTlsOptions): Promise<ServerTls> {
    try {
      return new ServerTls(options, await readMaterial(options));
    } catch (cause) {
      throw new ConfigError(
        thrownCode(cause)?.startsWith('ERR_') === false ? 'config-unreadable' : 'config-invalid',
        `certificate ${options.certificate} and key ${options.key}: ${thrownMessage(cause)}`,
        { cause },
      );
    }
  }

  /** What is presented now. */
  get certificate(): X509Certificate {
    return this.#certificate;
  }

  /**
   * Upgrades an accepted connection, at its start or in the middle of it. The caller makes sure first that it
   * has read no byte that belongs behind the upgrade.
   *
   * @throws ProtocolError `message-malformed` when the handshake fails, is cut or takes too long
   */
  secure(socket: Socket): Promise<TLSSocket> {
    const name = nameOf(socket);
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const closed = (): void => reject(handshakeError('the connection was closed'));
    if (socket.destroyed) {
      closed();
      return promise;
    }
    socket.once('close', closed);
    this.#handshakes.set(name, { resolve, reject });
    this.#server.emit('connection', socket);
    return promise.finally(() => {
      socket.off('close', closed);
      this.#handshakes.delete(name);
    });
  }

  /** Stops watching the files; connections stay. */
  close(): void {
    this.#stopWatching();
  }

  #secured(socket: TLSSocket): void {
    socket.on('error', () => undefined);
    const handshake = this.#handshakes.get(nameOf(socket));
    if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      handshake?.reject(handshakeError('the client certificate does not verify'));
      socket.destroy();
    } else if (handshake === undefined) socket.destroy();
    else handshake.resolve(socket);
  }

  #failed(error: Error, socket: TLSSocket): void {
    this.#handshakes.get(nameOf(socket))?.reject(handshakeError(error.message, error));
    socket.destroy();
  }

  /** A half-written or mismatched pair leaves the last good one in place. */
  async #reload(): Promise<void> {
    const { certificate: path, onEvent } = this.#options;
    let seen: string | undefined;
    try {
      const material = await readMaterial(this.#options);
      seen = digestOf(material);
      if (seen === this.#seen) return;
      const certificate = new X509Certificate(material.cert);
      this.#server.setSecureContext({ ...material, minVersion: 'TLSv1.2' });
      this.#certificate = certificate;
      onEvent('certificate-loaded', { path, until: certificate.validToDate.toISOString() });
    } catch (thrown) {
      const error = thrownMessage(thrown);
      seen ??= error;
      if (seen !== this.#seen) onEvent('certificate-rejected', { path, error });
    }
    this.#seen = seen;
  }
}

const handshakeError = (why: string, cause?: Error): ProtocolError =>
  new ProtocolError('message-malformed', `the TLS handshake failed: ${why}`, { cause });
