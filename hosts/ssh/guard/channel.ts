// One channel (RFC 4254 §5) on either leg: four streams, its windows, its order of messages, its replies in turn.

import type { Readable, Writable } from 'node:stream';
import { ChannelInput } from './channel-input.ts';
import { ChannelOutput, packetBytesMax, SendWindow } from './channel-output.ts';
import { FieldReader, FieldWriter } from './fields.ts';
import { messages, standardError } from './message-types.ts';
import { OwedReplies } from './owed-replies.ts';
import type { ChannelRequest, ChannelType } from './requests.ts';
import { channelRequestPayload, readChannelRequest } from './requests.ts';
import type { Transport } from './transport.ts';
import { Violation } from './violation.ts';

export type ChannelExit = Extract<ChannelRequest, { readonly kind: 'exit-status' | 'exit-signal' }>;

export interface AskedOnChannel {
  readonly request: ChannelRequest;
  /** Call it once, now or later: replies keep the order of the questions. Without effect when none is wanted. */
  readonly reply: (granted: boolean) => void;
}

export interface ChannelPeer {
  /** Its number of the channel. */
  readonly id: number;
  readonly windowBytes: number;
  readonly packetBytesMax: number;
}

export interface ChannelOptions {
  readonly transport: Transport;
  readonly peer: ChannelPeer;
  readonly type: ChannelType;
  /** Standard error is written to clients, and read from targets. */
  readonly peerIs: 'client' | 'target';
  /** Both sides have closed: the number is free. */
  readonly onGone: () => void;
}

export type SentRequest = Parameters<typeof channelRequestPayload>[1];

export class Channel {
  readonly type: ChannelType;
  /** What the peer sends; ends with its EOF. Closed without an end, something is missing. */
  readonly input: Readable;
  readonly inputError: Readable;
  /** What is sent to the peer; its end, and that of `outputError` where there is one, is our EOF. */
  readonly output: Writable;
  readonly outputError: Writable;
  /** Resolves when both sides have closed or the connection has ended; unread input can still be read. */
  readonly gone: Promise<unknown>;
  /** Hears every question from the moment the channel is opened; unset, all are answered with no. */
  onRequest: ((asked: AskedOnChannel) => void) | undefined;

  readonly #transport: Transport;
  readonly #peer: number;
  readonly #leave: () => void;
  readonly #data: ChannelInput;
  readonly #errors: ChannelInput;
  readonly #outputs: readonly ChannelOutput[];
  readonly #sendWindow: SendWindow;
  readonly #owed: OwedReplies<boolean>;
  readonly #awaited: ((granted: boolean) => void)[] = [];
  readonly #windowMax: number;
  #window: number;
  #exit: ChannelExit | undefined;
  #finishing: { readonly exit: ChannelExit | undefined } | undefined;
  /** A shell, a command or a subsystem was granted, or is being asked about. */
  #hasProgram = false;
  #eofReceived = false;
  #eofSent = false;
  #closeReceived = false;
  #closeSent = false;

  constructor(options: ChannelOptions) {
    const { transport, peer, type, peerIs, onGone } = options;
    this.type = type;
    this.#transport = transport;
    this.#peer = peer.id;
    this.#windowMax = transport.limits.channelWindowBytesMax;
    this.#window = this.#windowMax;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.gone = promise;
    this.#leave = () => {
      onGone();
      resolve(undefined);
    };
    this.#owed = new OwedReplies((granted) => this.#sendReply(granted));
    const consumed = (): void => this.#replenish();
    this.#data = this.input = new ChannelInput(consumed);
    this.#errors = this.inputError = new ChannelInput(consumed);
    this.#sendWindow = new SendWindow(peer);
    const sending = { transport, window: this.#sendWindow, channel: peer.id };
    const output = new ChannelOutput({ ...sending, kind: 'data' });
    const errors = new ChannelOutput({ ...sending, kind: 'standard-error' });
    this.output = output;
    this.outputError = errors;
    this.#outputs = [output, errors];
    if (peerIs === 'target') errors.end();
    for (const stream of this.#outputs) stream.once('finish', () => this.#outputFinished());
  }

  /** How the peer's program ended, when it has said so: always known before the channel is gone. */
  get exit(): ChannelExit | undefined {
    return this.#exit;
  }

  /** Nothing can be sent any more. */
  get closed(): boolean {
    return this.#closeSent || this.#closeReceived || this.#transport.ended;
  }

  /** Asks; resolves with false, too, when the channel closes first. */
  ask(request: SentRequest): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#awaited.push(resolve);
    this.#transport.send(channelRequestPayload(this.#peer, request, true));
    return promise;
  }

  /** Asks without waiting for an answer. */
  tell(request: SentRequest): void {
    if (!this.closed) this.#transport.send(channelRequestPayload(this.#peer, request, false));
  }

  /** When all that was written is sent: says how it went, then EOF, then closes. Nothing may be written behind it. */
  finish(exit?: ChannelExit): void {
    if (this.#finishing !== undefined) return;
    this.#finishing = { exit };
    for (const stream of this.#outputs) if (!stream.writableEnded) stream.end();
    this.#outputFinished();
  }

  /** Closes at once; what was not sent is lost. */
  abort(): void {
    if (!this.closed) this.#close();
    this.#data.destroy();
    this.#errors.destroy();
    for (const stream of this.#outputs) stream.discard();
  }

  /** For the connection only. @param payload Of a message about this channel; the number is read. */
  receive(payload: Buffer): void {
    const fields = new FieldReader(payload, 5);
    switch (payload[0]) {
      case messages.channelWindowAdjust:
        return this.#sendWindow.widen(ended(fields, fields.uint32()));
      case messages.channelData:
        return this.#receiveData(ended(fields, fields.bytes()), this.#data);
      case messages.channelExtendedData: {
        const known = fields.uint32() === standardError;
        const bytes = ended(fields, fields.bytes());
        return this.#receiveData(bytes, known ? this.#errors : undefined);
      }
      case messages.channelEof:
        fields.end();
        return this.#receiveEof();
      case messages.channelClose:
        fields.end();
        return this.#receiveClose();
      case messages.channelRequest:
        return this.#receiveRequest(fields);
      case messages.channelSuccess:
      case messages.channelFailure:
        return this.#receiveReply(ended(fields, payload[0] === messages.channelSuccess));
      default:
        throw new Violation('message-out-of-order', 'this is not about a channel');
    }
  }

  /** For the connection only: it has ended, and all of its channels with it. */
  lost(): void {
    this.#data.destroy();
    this.#errors.destroy();
    this.#departed();
  }

  #receiveData(bytes: Buffer, into: ChannelInput | undefined): void {
    if (this.#eofReceived)
      throw new Violation('data-after-eof', 'data behind the end of a channel');
    if (bytes.length > packetBytesMax) {
      throw new Violation('packet-too-large', `more than ${packetBytesMax} bytes of data at once`);
    }
    if (bytes.length > this.#window) {
      throw new Violation('window-exceeded', 'more data than the window allows');
    }
    this.#window -= bytes.length;
    this.#transport.active();
    if (this.#closeSent) return;
    if (into === undefined) this.#replenish();
    else into.receive(bytes);
  }

  #receiveEof(): void {
    if (this.#eofReceived) throw new Violation('data-after-eof', 'a channel ended twice');
    this.#eofReceived = true;
    this.#data.complete();
    this.#errors.complete();
  }

  #receiveClose(): void {
    this.#closeReceived = true;
    this.#data.complete();
    this.#errors.complete();
    // What the end means to others goes out first: for this answer nobody waits.
    if (!this.#closeSent) setImmediate(() => this.#sendClose());
    this.#closeSent = true;
    this.#departed();
  }

  #receiveRequest(fields: FieldReader): void {
    const name = fields.text();
    const wantReply = fields.boolean();
    const request = readChannelRequest(name, fields);
    if (this.#closeSent) return;
    const reply = wantReply ? this.#owed.owe() : () => undefined;
    if (request.kind === 'exit-status' || request.kind === 'exit-signal') {
      this.#exit ??= request;
      reply(true);
    } else if (startsProgram(request)) {
      if (this.#hasProgram) return reply(false);
      this.#hasProgram = true;
      this.#ask({ request, reply: this.#onlyProgram(reply) });
    } else {
      this.#ask({ request, reply });
    }
  }

  #ask(asked: AskedOnChannel): void {
    if (this.onRequest === undefined) asked.reply(false);
    else this.onRequest(asked);
  }

  /** RFC 4254 §6.5: one of them succeeds on a channel. A second is refused without being asked about. */
  #onlyProgram(reply: (granted: boolean) => void): (granted: boolean) => void {
    return (granted) => {
      this.#hasProgram = granted;
      reply(granted);
    };
  }

  #receiveReply(granted: boolean): void {
    const resolve = this.#awaited.shift();
    if (resolve === undefined) throw new Violation('reply-unexpected', 'a reply to no question');
    resolve(granted);
  }

  #sendReply(granted: boolean): void {
    if (this.#closeSent) return;
    const type = granted ? messages.channelSuccess : messages.channelFailure;
    // What it allows is begun first: nobody waits for an answer.
    this.#transport.send(new FieldWriter(type).uint32(this.#peer).payload(), 'soon');
  }

  #send(begun: FieldWriter): void {
    this.#transport.send(begun.uint32(this.#peer).payload());
  }

  /** Lets the peer send as much again as was read, in large portions. */
  #replenish(): void {
    if (this.#eofReceived || this.closed) return;
    const unread = this.#data.unreadBytes + this.#errors.unreadBytes;
    const grant = this.#windowMax - this.#window - unread;
    if (grant < this.#windowMax / 2) return;
    this.#window += grant;
    const adjust = new FieldWriter(messages.channelWindowAdjust).uint32(this.#peer).uint32(grant);
    this.#transport.send(adjust.payload());
  }

  #outputFinished(): void {
    if (this.closed || !this.#outputs.every((stream) => stream.writableFinished)) return;
    const exit = this.#finishing?.exit;
    if (exit !== undefined) this.tell(exit);
    if (!this.#eofSent) this.#send(new FieldWriter(messages.channelEof));
    this.#eofSent = true;
    if (this.#finishing !== undefined) this.#close();
  }

  #close(): void {
    this.#closeSent = true;
    this.#owed.forget();
    this.#sendClose();
  }

  #sendClose(): void {
    this.#send(new FieldWriter(messages.channelClose));
  }

  /** Whoever waits for the peer has waited for nothing. */
  #departed(): void {
    for (const resolve of this.#awaited.splice(0)) resolve(false);
    for (const stream of this.#outputs) stream.discard();
    this.#leave();
  }
}

const startsProgram = ({ kind }: ChannelRequest): boolean =>
  kind === 'shell' || kind === 'exec' || kind === 'subsystem';

function ended<Read>(fields: FieldReader, read: Read): Read {
  fields.end();
  return read;
}
