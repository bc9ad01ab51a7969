// A relay between two real connections whose far ends the test drives frame by frame.

import type { Socket } from 'node:net';
import { Sweep, WebSocketRelay } from '../../../../hosts/http/streams/index.ts';
import type { MessageFacts, WebSocketRelayOptions } from '../../../../hosts/http/streams/index.ts';
import type { Frame, Opcode } from '../../../../hosts/http/wire/websocket/index.ts';
import {
  encodeClosePayload,
  encodeFrame,
  FrameReader,
  opcodes,
} from '../../../../hosts/http/wire/websocket/index.ts';
import { socketPair } from '../../../support/socket-pair.ts';
import { show } from '../wire/websocket/frames.ts';
import { limits } from './websocket-gateway.ts';

export const maskKey = Buffer.from('01020304', 'hex');

/** One end of the relayed stream, driven frame by frame. */
export class End {
  readonly #reader: FrameReader;
  readonly #frames: Frame[] = [];
  #wake = (): void => undefined;
  ended = false;

  readonly socket: Socket;
  readonly name: 'caller' | 'target';

  constructor(socket: Socket, name: 'caller' | 'target') {
    this.socket = socket;
    this.name = name;
    const from = name === 'caller' ? 'server' : 'client';
    this.#reader = new FrameReader({ from, messageBytesMax: Infinity });
    socket.on('data', (chunk) => {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
        this.#frames.push(frame);
      }
      this.#wake();
    });
    socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#wake();
    });
  }

  bytes(opcode: Opcode, payload: string | Buffer, final = true): Buffer {
    const frame = { opcode, final, payload: Buffer.from(payload) };
    return encodeFrame(frame, this.name === 'caller' ? maskKey : undefined);
  }

  text(payload: string, final = true): void {
    this.socket.write(this.bytes(opcodes.text, payload, final));
  }

  close(code: number, reason = ''): void {
    this.socket.write(this.bytes(opcodes.close, encodeClosePayload({ code, reason })));
  }

  /** The next frame as a line; `end` when the stream is over. */
  async next(): Promise<string> {
    while (this.#frames.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const frame = this.#frames.shift();
    return frame === undefined ? 'end' : show(frame);
  }
}

export interface Relayed extends AsyncDisposable {
  readonly caller: End;
  readonly target: End;
  readonly relay: WebSocketRelay;
  readonly sweep: Sweep;
  readonly recorded: readonly MessageFacts[];
}

export async function relayed(options: Partial<WebSocketRelayOptions> = {}): Promise<Relayed> {
  const callers = await socketPair();
  const targets = await socketPair();
  const sweep = new Sweep();
  const recorded: MessageFacts[] = [];
  const relay = new WebSocketRelay({
    caller: callers.far,
    target: targets.near,
    callerHead: Buffer.alloc(0),
    targetHead: Buffer.alloc(0),
    limits,
    sweep,
    record: (facts) => {
      recorded.push(facts);
    },
    ...options,
  });
  return {
    caller: new End(callers.near, 'caller'),
    target: new End(targets.far, 'target'),
    ...{ relay, sweep, recorded },
    [Symbol.asyncDispose]: async () => {
      await callers[Symbol.asyncDispose]();
      await targets[Symbol.asyncDispose]();
      await relay.closed;
    },
  };
}
