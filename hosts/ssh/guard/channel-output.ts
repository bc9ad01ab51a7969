// What is sent on a channel: as much as the peer's window, its packets and its reading allow, and the rest waits.

import { Writable } from 'node:stream';
import { messages, standardError } from './message-types.ts';
import type { Transport } from './transport.ts';
import { Violation } from './violation.ts';

const windowMax = 0xffff_ffff;
/** What every peer must take (RFC 4253 §6.1), and what this one takes of them. */
export const packetBytesMax = 32 * 1024;
/** Below it nearly all bytes on the wire would be headers. */
export const packetBytesMin = 256;

/** How much one peer lets us send on one channel, over data and standard error (RFC 4254 §5.2). */
export class SendWindow {
  readonly packetBytes: number;
  #bytes: number;
  #waiting: (() => void)[] = [];

  constructor(peer: { readonly windowBytes: number; readonly packetBytesMax: number }) {
    this.#bytes = peer.windowBytes;
    this.packetBytes = Math.min(peer.packetBytesMax, packetBytesMax);
  }

  get bytes(): number {
    return this.#bytes;
  }

  take(bytes: number): void {
    this.#bytes -= bytes;
  }

  widen(bytes: number): void {
    if (this.#bytes + bytes > windowMax) {
      throw new Violation('window-overflow', 'a window of more than 2^32 - 1 bytes');
    }
    this.#bytes += bytes;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const widened of waiting) widened();
  }

  whenWidened(widened: () => void): void {
    this.#waiting.push(widened);
  }
}

export interface ChannelOutputOptions {
  readonly transport: Transport;
  readonly window: SendWindow;
  /** The peer's number of the channel. */
  readonly channel: number;
  readonly kind: 'data' | 'standard-error';
}

export class ChannelOutput extends Writable {
  readonly #transport: Transport;
  readonly #window: SendWindow;
  readonly #head: Buffer;
  #closed = false;
  #pending: { readonly bytes: Buffer; readonly done: () => void } | undefined;

  constructor({ transport, window, channel, kind }: ChannelOutputOptions) {
    super({ decodeStrings: true });
    this.#transport = transport;
    this.#window = window;
    this.#head = headOf(channel, kind);
    this.on('error', () => undefined);
  }

  /** The peer takes nothing more: what is written is dropped, as when a pipe's reader has gone. */
  discard(): void {
    this.#closed = true;
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.done();
    if (!this.writableEnded && !this.destroyed) this.end();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pump(bytes, done);
  }

  #pump(bytes: Buffer, done: () => void): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#closed) {
      const most = Math.min(this.#window.bytes, this.#window.packetBytes);
      if (most === 0 || this.#transport.outgoing.full) {
        this.#wait(rest, done, most === 0);
        return;
      }
      const piece = rest.length > most ? rest.subarray(0, most) : rest;
      this.#head.writeUInt32BE(piece.length, this.#head.length - 4);
      this.#transport.outgoing.sendWithBody(this.#head, piece);
      this.#window.take(piece.length);
      rest = rest.subarray(piece.length);
    }
    this.#transport.active();
    done();
  }

  #wait(bytes: Buffer, done: () => void, forWindow: boolean): void {
    const pending = { bytes, done };
    this.#pending = pending;
    const resume = (): void => {
      if (this.#pending !== pending) return;
      this.#pending = undefined;
      this.#pump(bytes, done);
    };
    if (forWindow) this.#window.whenWidened(resume);
    else this.#transport.outgoing.whenReady(resume);
  }
}

/** With room for the length, which differs from packet to packet. */
function headOf(channel: number, kind: 'data' | 'standard-error'): Buffer {
  const head = Buffer.alloc(kind === 'data' ? 9 : 13);
  head[0] = kind === 'data' ? messages.channelData : messages.channelExtendedData;
  head.writeUInt32BE(channel, 1);
  if (kind === 'standard-error') head.writeUInt32BE(standardError, 5);
  return head;
}
