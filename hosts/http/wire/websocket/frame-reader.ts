// Cuts one side's byte stream into control frames and pieces of messages (RFC 6455 §5), strictly: what two
// readers could take differently is refused. No extension is ever negotiated through the gateway.

import { strict as assert } from 'node:assert';
import type { Close } from './close.ts';
import { decodeClosePayload } from './close.ts';
import { applyMask, controlBytesMax, opcodes } from './frame.ts';
import { FrameError } from './frame-rules.ts';
import { Utf8Stream } from './utf8-stream.ts';

export type MessageType = 'text' | 'binary';

/** Consecutive bytes of one message; whole messages have both marks. The payload is unmasked. */
export interface MessagePiece {
  readonly kind: 'piece';
  readonly type: MessageType;
  readonly payload: Buffer;
  readonly opens: boolean;
  readonly closes: boolean;
}

export type Frame =
  | MessagePiece
  | { readonly kind: 'ping' | 'pong'; readonly payload: Buffer }
  | { readonly kind: 'close'; readonly close: Close };

export interface FrameReaderOptions {
  /** Whose bytes are read: a client masks, a server does not. */
  readonly from: 'client' | 'server';
  /** Payload bytes of one message over all its fragments. */
  readonly messageBytesMax: number;
}

interface Header {
  readonly opcode: number;
  readonly final: boolean;
  /** Undefined when the frame is not masked. */
  readonly mask: number | undefined;
  readonly payloadBytes: number;
}

const nothing = Buffer.alloc(0);
const headerBytesMin = 2;
/** Frames up to this come whole however they were cut; longer ones in the pieces that arrive. */
const gatherBytesMax = 64 * 1024;
const gatherBytesMin = 512;

/**
 * Use: `push(chunk)`, then `next()` until it answers undefined. A pushed chunk belongs to the reader, which unmasks
 * in place; payloads are views that belong to the caller. Between frames it keeps no memory but itself: ten thousand
 * of them lie idle.
 */
export class FrameReader {
  readonly #masked: boolean;
  readonly #messageBytesMax: number;
  readonly #text = new Utf8Stream();

  #chunk: Buffer = nothing;
  #offset = 0;
  /** The beginning of a header or of a frame that will come whole. */
  #gathered: Buffer = nothing;
  #gatheredBytes = 0;
  /** The frame whose payload is being read. */
  #header: Header | undefined;
  #payloadRead = 0;
  /** Of the message that is being read. */
  #type: MessageType | undefined;
  #messageBytes = 0;
  #opens = false;
  #closed = false;

  constructor(options: FrameReaderOptions) {
    this.#masked = options.from === 'client';
    this.#messageBytesMax = options.messageBytesMax;
  }

  /** Only after `next()` has answered undefined. */
  push(chunk: Buffer): void {
    assert(this.#offset === this.#chunk.length, 'push before the last chunk was read');
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** True between two messages with nothing waiting. */
  get idle(): boolean {
    return this.#unread === 0 && this.#header === undefined && this.#type === undefined;
  }

  get #unread(): number {
    return this.#gatheredBytes + this.#chunk.length - this.#offset;
  }

  /**
   * The next frame or piece; undefined when more bytes are needed.
   *
   * @throws FrameError, after which the reader is of no more use
   */
  next(): Frame | undefined {
    if (this.#closed && this.#unread > 0) throw new FrameError('frame-after-close');
    const header = (this.#header ??= this.#readHeader());
    if (header === undefined) return undefined;
    const left = header.payloadBytes - this.#payloadRead;
    const payload =
      header.payloadBytes <= gatherBytesMax ? this.#take(left) : this.#takeAvailable(left);
    if (payload === undefined) return undefined;
    if (header.mask !== undefined) applyMask(payload, header.mask, this.#payloadRead);
    this.#payloadRead += payload.length;
    const isComplete = this.#payloadRead === header.payloadBytes;
    if (isComplete) {
      this.#header = undefined;
      this.#payloadRead = 0;
    }
    return this.#frameOf(header, payload, isComplete);
  }

  #frameOf(header: Header, payload: Buffer, isComplete: boolean): Frame {
    switch (header.opcode) {
      case opcodes.close:
        this.#closed = true;
        return { kind: 'close', close: decodeClosePayload(payload) };
      case opcodes.ping:
        return { kind: 'ping', payload };
      case opcodes.pong:
        return { kind: 'pong', payload };
      default:
        return this.#pieceOf(payload, isComplete && header.final);
    }
  }

  #pieceOf(payload: Buffer, closes: boolean): MessagePiece {
    const type = this.#type;
    assert(type !== undefined);
    const opens = this.#opens;
    this.#opens = false;
    if (type === 'text' && !this.#text.push(payload)) throw new FrameError('text-utf8');
    if (closes) {
      this.#type = undefined;
      this.#messageBytes = 0;
      if (type === 'text' && !this.#text.end()) throw new FrameError('text-utf8');
    }
    return { kind: 'piece', type, payload, opens, closes };
  }

  #readHeader(): Header | undefined {
    const start = this.#peek(headerBytesMin);
    if (start === undefined) return undefined;
    const first = start.readUInt8(0);
    const second = start.readUInt8(1);
    const opcode = first & 0x0f;
    const final = (first & 0x80) !== 0;
    const short = second & 0x7f;
    if ((first & 0x70) !== 0) throw new FrameError('frame-reserved-bits');
    if (((second & 0x80) !== 0) !== this.#masked) throw new FrameError('frame-mask');
    this.#checkOrder(opcode, final, short);
    const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
    const headerBytes = headerBytesMin + extended + (this.#masked ? 4 : 0);
    const whole = this.#peek(headerBytes);
    if (whole === undefined) return undefined;
    const payloadBytes = extended === 0 ? short : lengthOf(whole, extended);
    const mask = this.#masked ? whole.readUInt32BE(headerBytes - 4) : undefined;
    this.#consume(headerBytes);
    if (opcode < opcodes.close) this.#openFrame(opcode, payloadBytes);
    return { opcode, final, mask, payloadBytes };
  }

  #checkOrder(opcode: number, final: boolean, length: number): void {
    if (opcode > opcodes.pong || (opcode > opcodes.binary && opcode < opcodes.close)) {
      throw new FrameError('frame-opcode');
    }
    if (opcode >= opcodes.close) {
      if (!final) throw new FrameError('control-fragmented');
      if (length > controlBytesMax) throw new FrameError('control-length');
      return;
    }
    const continues = opcode === opcodes.continuation;
    if (continues !== (this.#type !== undefined)) throw new FrameError('fragment-order');
  }

  #openFrame(opcode: number, payloadBytes: number): void {
    this.#messageBytes += payloadBytes;
    if (this.#messageBytes > this.#messageBytesMax) throw new FrameError('message-too-large');
    if (opcode === opcodes.continuation) return;
    this.#type = opcode === opcodes.text ? 'text' : 'binary';
    this.#opens = true;
  }

  /** What there is of a long frame; at least a byte. */
  #takeAvailable(bytes: number): Buffer | undefined {
    const available = Math.min(bytes, this.#chunk.length - this.#offset);
    return available === 0 ? undefined : this.#take(available);
  }

  #take(bytes: number): Buffer | undefined {
    const taken = this.#peek(bytes);
    if (taken !== undefined) this.#consume(bytes);
    return taken;
  }

  /** The next bytes, which stay unread: a view of the chunk where they lie in one. */
  #peek(bytes: number): Buffer | undefined {
    if (this.#gatheredBytes === 0 && this.#chunk.length - this.#offset >= bytes) {
      return this.#chunk.subarray(this.#offset, this.#offset + bytes);
    }
    return this.#gather(bytes) ? this.#gathered.subarray(0, bytes) : undefined;
  }

  /** What was just peeked at. */
  #consume(bytes: number): void {
    if (this.#gatheredBytes === 0) return this.#advance(bytes);
    this.#gathered = nothing;
    this.#gatheredBytes = 0;
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
      const grown = Buffer.allocUnsafe(Math.min(bytes, capacity));
      this.#gathered.copy(grown, 0, 0, received);
      this.#gathered = grown;
    }
    this.#chunk.copy(this.#gathered, received, this.#offset, this.#offset + wanted - received);
    this.#advance(wanted - received);
    this.#gatheredBytes = wanted;
    return wanted === bytes;
  }
}

/** §5.2: the minimal number of bytes must be used, and the most significant bit must be 0. */
function lengthOf(header: Buffer, extended: 2 | 8): number {
  const bytes =
    extended === 2 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(headerBytesMin));
  const isMinimal = extended === 2 ? bytes > controlBytesMax : bytes > 0xffff;
  if (!isMinimal || !Number.isSafeInteger(bytes)) throw new FrameError('frame-length');
  return bytes;
}
