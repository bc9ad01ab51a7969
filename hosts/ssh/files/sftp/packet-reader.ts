// Cuts one side's byte stream into SFTP packets (draft-ietf-secsh-filexfer-02 §3). Content passes in the pieces that
// arrive, as views; every other packet comes whole.

import { strict as assert } from 'node:assert';
import { BrokenChannel, type ChannelRule } from '../rules.ts';
import { handleBytesMax, headerBytes, lengthBytes, packetTypes } from './packet-types.ts';

/** A whole packet, or the first piece of one with content, or (`opens` false) a further piece of that. */
export interface PacketPiece {
  readonly type: number;
  readonly bytes: Buffer;
  readonly opens: boolean;
  /** How many of `bytes` stand in front of the content; all of them in packets without. */
  readonly headBytes: number;
  /** Content that is still to come. */
  readonly bytesLeft: number;
}

export interface PacketReaderOptions {
  readonly from: 'client' | 'target';
  /** Largest value of the length field. */
  readonly packetBytesMax: number;
}

const nothing = Buffer.alloc(0);
const gatherBytesMin = 512;
/** Length, type, id, and the length of the handle or of the content. */
const prefixBytes = headerBytes + 8;

/** Use: `push(chunk)`, then `next()` until it answers undefined. Pieces are views that belong to the caller. */
export class PacketReader {
  readonly #contentType: number;
  readonly #lengthRule: ChannelRule;
  readonly #packetBytesMax: number;

  #chunk: Buffer = nothing;
  #offset = 0;
  #gathered: Buffer = nothing;
  #gatheredBytes = 0;
  #bytesLeft = 0;

  constructor(options: PacketReaderOptions) {
    const isClient = options.from === 'client';
    this.#contentType = isClient ? packetTypes.write : packetTypes.data;
    this.#lengthRule = isClient ? 'packet-length' : 'target-packet-length';
    this.#packetBytesMax = options.packetBytesMax;
  }

  /** Only after `next()` has answered undefined. */
  push(chunk: Buffer): void {
    assert(this.#offset === this.#chunk.length, 'push before the last chunk was read');
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** Bytes that were pushed and not delivered. */
  get unread(): number {
    return this.#gatheredBytes + this.#chunk.length - this.#offset;
  }

  /** True between two packets with nothing waiting: where a stream may end. */
  get idle(): boolean {
    return this.unread === 0 && this.#bytesLeft === 0;
  }

  /**
   * The next packet or piece; undefined when more bytes are needed.
   *
   * @throws BrokenChannel on a length of zero or above the limit, again at each call
   */
  next(): PacketPiece | undefined {
    if (this.#bytesLeft > 0) return this.#nextPiece();
    const start = this.#peek(lengthBytes);
    if (start === undefined) return undefined;
    const length = start.readUInt32BE(0);
    if (length === 0 || length > this.#packetBytesMax) throw new BrokenChannel(this.#lengthRule);
    const type = this.#peek(headerBytes)?.readUInt8(lengthBytes);
    if (type === undefined) return undefined;
    const bytes = lengthBytes + length;
    if (type === this.#contentType && bytes >= prefixBytes) return this.#open(type, bytes);
    const packet = this.#take(bytes);
    return packet && { type, bytes: packet, opens: true, headBytes: bytes, bytesLeft: 0 };
  }

  /** A head that cannot be right makes its packet one without content, for the decoder to refuse. */
  #open(type: number, bytes: number): PacketPiece | undefined {
    const prefix = this.#peek(prefixBytes);
    if (prefix === undefined) return undefined;
    let headBytes = prefixBytes;
    if (type === packetTypes.write) {
      const handleBytes = prefix.readUInt32BE(prefixBytes - 4);
      headBytes = handleBytes <= handleBytesMax ? prefixBytes + handleBytes + 12 : bytes;
    }
    headBytes = Math.min(headBytes, bytes);
    if (this.#peek(headBytes) === undefined) return undefined;
    const available = this.#gatheredBytes > 0 ? headBytes : this.#chunk.length - this.#offset;
    const taken = this.#take(Math.min(bytes, available)) ?? nothing;
    this.#bytesLeft = bytes - taken.length;
    return { type, bytes: taken, opens: true, headBytes, bytesLeft: this.#bytesLeft };
  }

  #nextPiece(): PacketPiece | undefined {
    const available = Math.min(this.#bytesLeft, this.#chunk.length - this.#offset);
    if (available === 0) return undefined;
    const bytes = this.#chunk.subarray(this.#offset, this.#offset + available);
    this.#advance(available);
    this.#bytesLeft -= available;
    const bytesLeft = this.#bytesLeft;
    return { type: this.#contentType, bytes, opens: false, headBytes: 0, bytesLeft };
  }

  #take(bytes: number): Buffer | undefined {
    const taken = this.#peek(bytes);
    if (taken === undefined) return undefined;
    if (this.#gatheredBytes === 0) this.#advance(bytes);
    else {
      this.#gathered = nothing;
      this.#gatheredBytes = 0;
    }
    return taken;
  }

  /** The next bytes, which stay unread: a view of the chunk where they lie in one. */
  #peek(bytes: number): Buffer | undefined {
    if (this.#gatheredBytes === 0 && this.#chunk.length - this.#offset >= bytes) {
      return this.#chunk.subarray(this.#offset, this.#offset + bytes);
    }
    return this.#gather(bytes) ? this.#gathered.subarray(0, bytes) : undefined;
  }

  #advance(bytes: number): void {
    this.#offset += bytes;
    if (this.#offset < this.#chunk.length) return;
    this.#chunk = nothing;
    this.#offset = 0;
  }

  /** Copies from the chunk until `bytes` are gathered; memory grows with what was received, not with what was announced. */
  #gather(bytes: number): boolean {
    const received = this.#gatheredBytes;
    const wanted = Math.min(bytes, received + this.#chunk.length - this.#offset);
    if (wanted <= received) return received >= bytes;
    if (wanted > this.#gathered.length) {
      const capacity = Math.max(gatherBytesMin, wanted, 2 * this.#gathered.length);
      const grown = Buffer.allocUnsafe(capacity);
      this.#gathered.copy(grown, 0, 0, received);
      this.#gathered = grown;
    }
    this.#chunk.copy(this.#gathered, received, this.#offset, this.#offset + wanted - received);
    this.#advance(wanted - received);
    this.#gatheredBytes = wanted;
    return wanted === bytes;
  }
}
