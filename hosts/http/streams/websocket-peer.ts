// One of the two peers of a relayed WebSocket: its socket, its frames in, its frames out.

import { randomFillSync } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { StreamWriter } from '#transport';
import type { OutgoingFrame } from '../wire/websocket/index.ts';
import { encodeClosePayload, encodeFrame, FrameReader, opcodes } from '../wire/websocket/index.ts';

export type PeerName = 'caller' | 'target';

export interface PeerOptions {
  readonly name: PeerName;
  readonly socket: Duplex;
  /** What was read of the socket behind the handshake. */
  readonly head: Buffer;
  readonly messageBytesMax: number;
  readonly writeBufferBytesMax: number;
}

const keyBytes = 4;
/** Unguessable keys keep a caller from choosing the bytes on the wire (RFC 6455 §10.3); drawn many at a time. */
const keys = Buffer.alloc(1024 * keyBytes);
let keysUsed = keys.length;

function freshMaskKey(): Buffer {
  if (keysUsed === keys.length) {
    randomFillSync(keys);
    keysUsed = 0;
  }
  keysUsed += keyBytes;
  return keys.subarray(keysUsed - keyBytes, keysUsed);
}

export class WebSocketPeer {
  readonly name: PeerName;
  readonly socket: Duplex;
  readonly reader: FrameReader;
  /** A close frame or the end was written: nothing follows. */
  closeSent = false;
  closeReceived = false;
  /** When bytes last came, by the sweep's clock. */
  seenMs: number;
  pingedMs: number;
  /** Since when the peer has not taken what was written for it. */
  stalledMs: number | undefined;
  /** Its bytes wait for the gateway: silence is not the peer's fault. */
  waits = false;

  readonly #writer: StreamWriter;

  constructor(options: PeerOptions, nowMs: number) {
    const { name, socket, head, messageBytesMax } = options;
    this.name = name;
    this.socket = socket;
    this.seenMs = nowMs;
    this.pingedMs = nowMs;
    this.reader = new FrameReader({
      from: name === 'caller' ? 'client' : 'server',
      messageBytesMax,
    });
    this.#writer = new StreamWriter(socket, options.writeBufferBytesMax);
    // Stays: `pump` listens only while it reads.
    socket.on('error', ignore);
    if (head.length > 0) socket.unshift(head);
  }

  /** Undefined when more can be written at once, else resolves when it can. */
  send(frame: OutgoingFrame, nowMs: number): Promise<void> | undefined {
    if (this.closeSent) return undefined;
    const bytes = encodeFrame(frame, this.name === 'target' ? freshMaskKey() : undefined);
    if (this.#writer.write(bytes)) return undefined;
    this.stalledMs ??= nowMs;
    return this.#writer.whenDrained().then(() => {
      this.stalledMs = undefined;
    });
  }

  sendClose(code: number | undefined, reason: string, nowMs: number): void {
    const payload = encodeClosePayload({ code, reason });
    void this.send({ opcode: opcodes.close, final: true, payload }, nowMs);
    this.closeSent = true;
  }

  /** Ends without a close frame, as when a connection breaks: what was sent before still arrives. */
  hangUp(): void {
    this.closeSent = true;
    this.socket.end();
  }

  /** Reads on and drops it: unread bytes would make the system reset the connection under the close frame. */
  discard(): void {
    if (!this.socket.destroyed) this.socket.resume();
  }
}

const ignore = (): void => undefined;
