// A caller without manners: it sends any bytes and keeps every byte that it is sent.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface RawClientOptions {
  readonly port: number;
  /** PEM of the authority that signed the server's certificate; undefined for one without TLS. */
  readonly ca: string | undefined;
  readonly protocol: 'http/1.1' | 'h2';
}

/** Opened with `RawClient.open`; everything received is in `bytes`. */
export class RawClient implements Disposable {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #changed = Promise.withResolvers<undefined>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => {
      this.#changed.resolve(undefined);
      this.#changed = Promise.withResolvers<undefined>();
    };
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      wake();
    });
    socket.on('error', wake).on('close', wake).on('end', wake);
  }

  static async open({ port, ca, protocol }: RawClientOptions): Promise<RawClient> {
    const address = { host: '127.0.0.1', port };
    if (ca === undefined) {
      const plain = connect(address);
      const client = new RawClient(plain);
      await once(plain, 'connect');
      return client;
    }
    const tls = { ca, servername: 'localhost', ALPNProtocols: [protocol] };
    const socket = connectTls({ ...address, ...tls });
    const client = new RawClient(socket);
    await once(socket, 'secureConnect');
    if (protocol === 'h2' && socket.alpnProtocol !== 'h2') {
      client[Symbol.dispose]();
      throw new Error('HTTP/2 is not spoken here');
    }
    return client;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Whether nothing more can come. */
  get isOver(): boolean {
    return this.#socket.destroyed || this.#socket.readableEnded;
  }

  send(bytes: Buffer, ends = false): void {
    if (!this.#socket.writable) return;
    if (ends) this.#socket.end(bytes);
    else this.#socket.write(bytes);
  }

  /** Until what came satisfies, nothing more can come, or patience is at its end; answers whether it satisfies. */
  async until(satisfies: (bytes: Buffer) => boolean, patienceMs: number): Promise<boolean> {
    const patience = Promise.withResolvers<'over'>();
    const timer = setTimeout(() => {
      patience.resolve('over');
    }, patienceMs);
    try {
      while (!satisfies(this.#bytes)) {
        if (this.isOver) return false;
        const what = await Promise.race([this.#changed.promise, patience.promise]);
        if (what === 'over') return satisfies(this.#bytes);
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
