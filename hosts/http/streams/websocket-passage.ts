// One direction of a relayed WebSocket: what happens to a message between its sender and its receiver.

import type { Message, MessagePiece } from '../wire/websocket/index.ts';
import { MessageAssembler, opcodes } from '../wire/websocket/index.ts';
import type { Sweep } from './sweep.ts';
import type { Direction, MessageFacts } from './websocket-messages.ts';
import { factsOf, MessageDigest } from './websocket-messages.ts';
import type { WebSocketPeer } from './websocket-peer.ts';

export interface StreamMessage extends Message {
  readonly direction: Direction;
}

export type MessageVerdict =
  { readonly kind: 'forward' } | { readonly kind: 'refuse'; readonly reason: string };

export interface PassageOptions {
  /** Asked for each whole message in turn; without it messages pass in the pieces that come. */
  readonly judge?: (message: StreamMessage) => MessageVerdict | Promise<MessageVerdict>;
  /**
   * Masks in force: every message downward must be text and goes through this; undefined refuses it. Nothing else
   * that the target says in words (pings, close reasons) goes down then.
   */
  readonly mask?: (payload: Buffer) => Buffer | undefined;
  /** Before a message goes on as a whole; what it throws ends the stream. */
  readonly record: (facts: MessageFacts) => void | Promise<void>;
  readonly sweep: Sweep;
}

export const passed = { kind: 'forward' } as const;

const refused = (reason: string): MessageVerdict => ({ kind: 'refuse', reason });

export class WebSocketPassage {
  readonly direction: Direction;
  /** Whether messages are put together before they go on, and so are bounded. */
  readonly gathers: boolean;

  readonly #options: PassageOptions;
  readonly #masks: boolean;
  /** Both made when a message first comes in pieces: an idle stream has neither. */
  #assembler: MessageAssembler | undefined;
  #digest: MessageDigest | undefined;

  constructor(direction: Direction, options: PassageOptions) {
    this.direction = direction;
    this.#options = options;
    this.#masks = direction === 'down' && options.mask !== undefined;
    this.gathers = this.#masks || options.judge !== undefined;
  }

  /** Resolves when the receiver takes more. */
  pass(piece: MessagePiece, to: WebSocketPeer): undefined | Promise<MessageVerdict> {
    if (!this.gathers) return this.#passPiece(piece, to);
    const isWhole = piece.opens && piece.closes;
    const message = isWhole ? piece : (this.#assembler ??= new MessageAssembler()).add(piece);
    return message === undefined ? undefined : this.#passMessage(message, to);
  }

  /** Records what was begun and never ended. */
  async cut(): Promise<void> {
    const digest = this.#digest;
    this.#digest = undefined;
    if (digest !== undefined) await this.#options.record(digest.end(this.direction, 'cut'));
  }

  /** The last piece waits for the record, so that no message is complete at its receiver without one. */
  #passPiece(piece: MessagePiece, to: WebSocketPeer): undefined | Promise<MessageVerdict> {
    const { type, payload, opens, closes } = piece;
    if (!closes) {
      (this.#digest ??= new MessageDigest(type)).add(payload);
      return this.#send(piece, to)?.then(() => passed);
    }
    this.#digest?.add(payload);
    const facts =
      this.#digest?.end(this.direction, 'forwarded') ?? factsOf(piece, this.direction, 'forwarded');
    this.#digest = undefined;
    const recorded = this.#options.record(facts);
    const send = (): undefined | Promise<void> => this.#send({ type, payload, opens, closes }, to);
    if (recorded !== undefined) return recorded.then(send).then(() => passed);
    return send()?.then(() => passed);
  }

  async #passMessage({ type, payload }: Message, to: WebSocketPeer): Promise<MessageVerdict> {
    const { judge, record } = this.#options;
    const { direction } = this;
    const facts = factsOf({ type, payload }, direction, 'refused');
    const verdict = (await judge?.({ direction, type, payload })) ?? passed;
    if (verdict.kind === 'refuse') {
      await record(facts);
      return verdict;
    }
    const masked = this.#masks ? this.#mask({ type, payload }) : payload;
    if (masked === undefined) {
      await record(facts);
      return refused('the message cannot be masked');
    }
    // The stream was ended while the message was judged.
    const cut = to.closeSent ? 'cut' : undefined;
    await record({ ...facts, outcome: cut ?? (masked === payload ? 'forwarded' : 'masked') });
    await this.#send({ type, payload: masked, opens: true, closes: true }, to);
    return passed;
  }

  #mask({ type, payload }: Message): Buffer | undefined {
    return type === 'text' ? this.#options.mask?.(payload) : undefined;
  }

  #send(piece: Omit<MessagePiece, 'kind'>, to: WebSocketPeer): Promise<void> | undefined {
    const opcode = piece.opens ? opcodes[piece.type] : opcodes.continuation;
    const frame = { opcode, final: piece.closes, payload: piece.payload };
    return to.send(frame, this.#options.sweep.nowMs);
  }
}
