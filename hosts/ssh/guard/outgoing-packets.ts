// What is written to one peer: packets of one turn in one system call, and never more than a bound waits for a peer that
// does not take it.

import type { Socket } from 'node:net';
import type Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Limits } from '#engine/model';

/** Answers that wait for the end of a key exchange, which the peer may draw out. */
const queuedMax = 1_000;
/** Lengths may be views into a packet's buffer, which the next packet takes over. */
const smallBytes = 64;
const bulkBytes = 16 * 1024;

export class OutgoingPackets {
  readonly #socket: Socket;
  readonly #protocol: Protocol;
  readonly #bytesMax: number;
  #waiting: (() => void)[] = [];
  /** Of `sendSoon`, until it is sent. */
  #due: Buffer | undefined;
  #corked = false;
  #closed = false;

  constructor(socket: Socket, protocol: Protocol, limits: Limits) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#bytesMax = limits.writeBufferBytesMax;
    socket.on('drain', () => this.wake());
  }

  /** Data waits: for the peer to take what was written, or for keys. */
  get full(): boolean {
    return this.#socket.writableLength >= this.#bytesMax || this.#protocol._kexinit !== undefined;
  }

  /** So much waits that only answers to the peer's own messages can be the reason. */
  get overfull(): boolean {
    return this.#socket.writableLength >= 2 * this.#bytesMax;
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten;
  }

  /** For the library, which hands over a packet in up to four pieces. */
  write(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => this.#flushLater());
    }
    this.#socket.write(bytes.length > smallBytes ? bytes : Buffer.from(bytes));
  }

  /** As `send`, when what else there is to do in this turn is done, or before whatever is sent next. */
  sendSoon(payload: Buffer): boolean {
    this.#sendDue();
    if (this.#protocol._kexinit !== undefined) return this.send(payload);
    this.#due = payload;
    setImmediate(() => this.#sendDue());
    return true;
  }

  /** False when the peer has let too much pile up. The payload is copied. */
  send(payload: Buffer): boolean {
    this.#sendDue();
    const { _kexinit: exchange, _queue: queue = [] } = this.#protocol;
    if (exchange !== undefined) {
      if (queue.length >= queuedMax) return false;
      queue.push(Buffer.from(payload));
      this.#protocol._queue = queue;
      return true;
    }
    const writer = this.#protocol._packetRW.write;
    const packet = writer.alloc(payload.length);
    packet.set(payload, writer.allocStart);
    this.#protocol._cipher.encrypt(packet);
    return true;
  }

  /** As `send` of both in one payload; only while not `full`. */
  sendWithBody(head: Buffer, body: Uint8Array): void {
    this.#sendDue();
    const writer = this.#protocol._packetRW.write;
    const packet = writer.alloc(head.length + body.length);
    packet.set(head, writer.allocStart);
    packet.set(body, writer.allocStart + head.length);
    this.#protocol._cipher.encrypt(packet);
  }

  /** What is waited for does not wait for the rest of the turn. */
  flush(): void {
    this.#uncork();
  }

  /** A goodbye may be said in the middle of a key exchange. */
  sendAnyway(payload: Buffer): void {
    this.#sendDue();
    const writer = this.#protocol._packetRW.write;
    const packet = writer.alloc(payload.length, true);
    packet.set(payload, writer.allocStartKEX);
    this.#protocol._cipher.encrypt(packet);
  }

  /** Calls once when no longer `full`; in turns, so that no channel starves. */
  whenReady(ready: () => void): void {
    this.#waiting.push(ready);
  }

  wake(): void {
    if (this.#closed || this.full) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const ready of waiting) ready();
  }

  close(): void {
    this.#uncork();
    this.#closed = true;
    this.#due = undefined;
    this.#waiting = [];
  }

  #sendDue(): void {
    const due = this.#due;
    if (due === undefined) return;
    this.#due = undefined;
    this.send(due);
  }

  /** What is large waits for what else this turn of the loop reads. */
  #flushLater(): void {
    if (this.#socket.writableLength < bulkBytes) this.#uncork();
    else setImmediate(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#socket.uncork();
    if (this.#waiting.length > 0) this.wake();
  }
}
