// A peer that says whatever it is told, encrypted as it must be: ssh2's transport without any of its rules.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

import ssh2 from 'ssh2';
import libraryCrypto from 'ssh2/lib/protocol/crypto.js';
import type { Offer } from 'ssh2/lib/protocol/Protocol.js';
import Protocol from 'ssh2/lib/protocol/Protocol.js';

import { offerOf } from '../../../hosts/ssh/guard/algorithms.ts';
import { FieldReader, FieldWriter } from '../../../hosts/ssh/guard/fields.ts';
import { hybridName } from '../../../hosts/ssh/guard/hybrid-exchange.ts';
import { messages } from '../../../hosts/ssh/guard/message-types.ts';

export { FieldReader, FieldWriter, messages };

export interface RawPeerOptions {
  readonly offer?: Offer;
  /** Makes it a server, with this RSA key in PEM. */
  readonly hostKey?: string;
  /** Does not say that it is strict about key exchanges (OpenSSH PROTOCOL §1.10). */
  readonly lax?: boolean;
  /** What goes out, for what comes from the library. */
  readonly rewrite?: (bytes: Uint8Array) => Uint8Array;
}

/** What the gateway offers and the library can do by itself. */
export function libraryOffer(serverHostKey: readonly string[]): Offer {
  const offer = offerOf(serverHostKey);
  return { ...offer, kex: offer.kex.filter((name) => name !== hybridName) };
}

/** As long as the name of the real extension. */
const otherExtension = 'kex-other-c-v00@example.comm';

export class RawPeer implements Disposable {
  readonly socket: Socket;
  /** Every message above the transport that came, without those that were taken. */
  readonly received: Buffer[] = [];
  /** Resolves when the other side has closed the connection, with what it said last. */
  readonly closed: Promise<string>;
  /** Keys are there. */
  readonly secured: Promise<unknown>;
  readonly protocol: Protocol;
  /** Key exchanges that are over. */
  exchanges = 0;
  /** Leaves the other side's questions unanswered. */
  mute = false;
  #goodbye = '';
  #wake = Promise.withResolvers<undefined>();

  constructor(socket: Socket, options: RawPeerOptions = {}) {
    const { hostKey, rewrite } = options;
    const algorithms = hostKey === undefined ? ['ssh-ed25519', 'rsa-sha2-512'] : ['rsa-sha2-512'];
    const { offer = libraryOffer(algorithms) } = options;
    this.socket = socket;
    const secured = Promise.withResolvers<undefined>();
    this.secured = secured.promise;
    const [key] = hostKey === undefined ? [] : [ssh2.utils.parseKey(hostKey)].flat();
    this.protocol = new Protocol({
      server: hostKey !== undefined,
      ...(hostKey === undefined ? {} : { hostKeys: { 'rsa-sha2-512': key, 'rsa-sha2-256': key } }),
      offer: { ...offer, kex: [...offer.kex] },
      ident: 'raw',
      onWrite: (bytes) => socket.write(rewrite?.(bytes) ?? bytes),
      onError: () => socket.destroy(),
      onHandshakeComplete: () => {
        this.exchanges += 1;
        secured.resolve(undefined);
      },
    });
    if (options.lax === true) makeLax(this.protocol);
    const library = this.protocol._onPayload;
    this.protocol._onPayload = (payload) =>
      payload[0] === messages.keyExchangeInit ? library(payload) : this.#take(payload);
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve(this.#goodbye);
        this.#wake.resolve(undefined);
      });
    });
    void libraryCrypto.init.then(() => {
      this.protocol.start();
      socket.on('data', (chunk) => this.#parse(chunk));
    });
  }

  static async dial(port: number, options: RawPeerOptions = {}): Promise<RawPeer> {
    const peer = new RawPeer(await dialPlain(port), options);
    await Promise.race([peer.secured, peer.closed]);
    return peer;
  }

  get isClosed(): boolean {
    return this.socket.closed;
  }

  /** The other side has not taken what was written, and is still there. */
  get isBusy(): boolean {
    return this.socket.writableNeedDrain && !this.socket.closed;
  }

  #parse(chunk: Buffer): void {
    try {
      this.protocol.parse(chunk, 0, chunk.length);
    } catch {
      this.socket.destroy();
    }
  }

  #take(payload: Buffer): undefined {
    if (payload[0] === messages.disconnect) {
      const fields = new FieldReader(payload, 5);
      this.#goodbye = fields.text();
      return;
    }
    if (payload[0] === messages.globalRequest && !this.mute) {
      this.send(new FieldWriter(messages.requestFailure));
      return;
    }
    this.received.push(Buffer.from(payload));
    const wake = this.#wake;
    this.#wake = Promise.withResolvers();
    wake.resolve(undefined);
  }

  send(...payloads: readonly (Buffer | FieldWriter)[]): void {
    for (const payload of payloads) {
      this.sendPacket(
        payload instanceof FieldWriter ? payload.payload() : payload,
        () => undefined,
      );
    }
  }

  /** @param mutate Changes the packet, its length and padding included, before it is encrypted. */
  sendPacket(payload: Buffer, mutate: (packet: Buffer) => void): void {
    if (!this.socket.writable || this.protocol._destruct === undefined) return;
    const writer = this.protocol._packetRW.write;
    const packet = writer.alloc(payload.length, true);
    packet.set(payload, writer.allocStartKEX);
    mutate(packet);
    this.protocol._cipher.encrypt(packet);
  }

  /** The next message of one of the types, the others dropped; undefined when the connection is closed first. */
  async next(...types: readonly number[]): Promise<Buffer | undefined> {
    for (;;) {
      while (this.received.length > 0) {
        const payload = this.received.shift();
        if (payload !== undefined && types.includes(payload[0] ?? 0)) return payload;
      }
      if (this.isClosed) return undefined;
      await this.#wake.promise;
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

function makeLax(protocol: Protocol): void {
  const { all } = protocol._offer.lists;
  const at = all.indexOf('kex-strict-c-v00@openssh.com');
  all.write(otherExtension, at, 'latin1');
  protocol._strictMode = false;
}

export async function dialPlain(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}
