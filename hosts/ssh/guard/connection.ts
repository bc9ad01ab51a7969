// The channels and global requests of one connection (RFC 4254 §4, §5), on either leg.

import { Channel } from './channel.ts';
import type { ChannelPeer } from './channel.ts';
import { packetBytesMax, packetBytesMin } from './channel-output.ts';
import { FieldReader, FieldWriter } from './fields.ts';
import { messages, openFailures } from './message-types.ts';
import { OwedReplies } from './owed-replies.ts';
import type { ChannelType, GlobalRequest } from './requests.ts';
import { channelTypeFields, readChannelType, readGlobalRequest } from './requests.ts';
import type { Transport } from './transport.ts';
import { Violation } from './violation.ts';

export type OpenFailure = keyof typeof openFailures;

export interface AskedToOpen {
  readonly type: ChannelType;
  /** Once either is called, the other does nothing. Undefined when the connection has ended meanwhile. */
  readonly accept: () => Channel | undefined;
  readonly refuse: (failure: OpenFailure, text: string) => void;
}

export interface GlobalAnswer {
  readonly granted: boolean;
  /** The port that was chosen where 0 was asked for (RFC 4254 §7.1). */
  readonly port?: number;
}

export interface AskedGlobally {
  readonly request: GlobalRequest;
  readonly reply: (answer: GlobalAnswer) => void;
}

export interface ConnectionHandlers {
  readonly open: (asked: AskedToOpen) => void;
  readonly request: (asked: AskedGlobally) => void;
}

/** The peer would not open it. The text is the peer's own. */
export class ChannelRefused extends Error {
  override readonly name = 'ChannelRefused';
  readonly reason: number;

  constructor(reason: number, text: string) {
    super(text);
    this.reason = reason;
  }
}

type Slot =
  /** The peer asked, and waits. */
  | { readonly kind: 'asked' }
  /** We asked, and wait. */
  | {
      readonly kind: 'opening';
      readonly type: ChannelType;
      readonly opened: PromiseWithResolvers<Channel>;
    }
  | { readonly kind: 'open'; readonly channel: Channel; readonly peer: number };

export class Connection {
  readonly #transport: Transport;
  readonly #handlers: ConnectionHandlers;
  readonly #peerIs: 'client' | 'target';
  readonly #slots = new Map<number, Slot>();
  readonly #owed: OwedReplies<GlobalAnswer>;
  readonly #awaited: ((granted: boolean, data: Buffer) => void)[] = [];
  #nextId = 0;
  #noMoreSessions = false;

  constructor(transport: Transport, peerIs: 'client' | 'target', handlers: ConnectionHandlers) {
    this.#transport = transport;
    this.#peerIs = peerIs;
    this.#handlers = handlers;
    this.#owed = new OwedReplies((answer) => this.#sendAnswer(answer));
  }

  /** @throws ChannelRefused, also when the connection ends first */
  open(type: Exclude<ChannelType, { readonly kind: 'other' }>): Promise<Channel> {
    const { name, fields } = channelTypeFields(type);
    const opened = Promise.withResolvers<Channel>();
    if (this.#transport.ended) {
      opened.reject(new ChannelRefused(openFailures.connectFailed, 'the connection has ended'));
      return opened.promise;
    }
    const id = this.#claim({ kind: 'opening', type, opened });
    const payload = new FieldWriter(messages.channelOpen)
      .text(name)
      .uint32(id)
      .uint32(this.#transport.limits.channelWindowBytesMax)
      .uint32(packetBytesMax)
      .raw(fields);
    this.#transport.send(payload.payload());
    return opened.promise;
  }

  /** @returns The port that was chosen, for `listen` with port 0. */
  ask(request: Exclude<GlobalRequest, { readonly kind: 'other' }>): Promise<GlobalAnswer> {
    if (this.#transport.ended) return Promise.resolve({ granted: false });
    const { promise, resolve } = Promise.withResolvers<GlobalAnswer>();
    this.#awaited.push((granted, data) =>
      resolve({ granted, ...(data.length === 4 ? { port: data.readUInt32BE() } : {}) }),
    );
    this.#transport.send(globalPayload(request));
    return promise;
  }

  ping(): void {
    this.#awaited.push(() => undefined);
    const ping = new FieldWriter(messages.globalRequest).text('keepalive@openssh.com');
    this.#transport.send(ping.boolean(true).payload());
  }

  /** @throws Violation */
  message(payload: Buffer): void {
    const type = payload[0] ?? 0;
    switch (type) {
      case messages.globalRequest:
        return this.#receiveRequest(payload);
      case messages.requestSuccess:
      case messages.requestFailure:
        return this.#receiveAnswer(type === messages.requestSuccess, payload.subarray(1));
      case messages.channelOpen:
        return this.#receiveOpen(payload);
      case messages.channelOpenConfirmation:
        return this.#receiveConfirmation(payload);
      case messages.channelOpenFailure:
        return this.#receiveFailure(payload);
      default:
        if (type < messages.channelOpen || type > messages.channelFailure) {
          return this.#transport.sendUnimplemented();
        }
        return this.#channel(payload).receive(payload);
    }
  }

  /** The transport has ended. */
  lost(): void {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    for (const slot of slots) {
      if (slot.kind === 'open') slot.channel.lost();
      if (slot.kind === 'opening') {
        const failure = new ChannelRefused(openFailures.connectFailed, 'the connection has ended');
        slot.opened.reject(failure);
      }
    }
    for (const resolve of this.#awaited.splice(0)) resolve(false, Buffer.alloc(0));
  }

  #claim(slot: Slot): number {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#slots.set(id, slot);
    return id;
  }

  #channel(payload: Buffer): Channel {
    const slot = this.#slots.get(new FieldReader(payload, 1).uint32());
    if (slot?.kind !== 'open') throw new Violation('channel-unknown', 'a message for no channel');
    return slot.channel;
  }

  #begin(id: number, peer: ChannelPeer, type: ChannelType): Channel {
    const { kind } = { kind: 'open' } as const;
    const onGone = (): void => {
      this.#slots.delete(id);
    };
    const transport = this.#transport;
    const channel = new Channel({ transport, peer, type, peerIs: this.#peerIs, onGone });
    this.#slots.set(id, { kind, channel, peer: peer.id });
    return channel;
  }

  #receiveOpen(payload: Buffer): void {
    const fields = new FieldReader(payload, 1);
    const name = fields.text();
    const peer = readPeer(fields);
    const type = readChannelType(name, fields);
    for (const slot of this.#slots.values()) {
      if (slot.kind === 'open' && slot.peer === peer.id) {
        throw new Violation('channel-unknown', 'a channel number that is in use');
      }
    }
    const refusal = this.#refusalOf(type, peer);
    if (refusal !== undefined) {
      this.#sendFailure(peer, ...refusal);
      return;
    }
    this.#handlers.open(this.#asked(type, peer));
  }

  #refusalOf(type: ChannelType, peer: ChannelPeer): readonly [OpenFailure, string] | undefined {
    if (type.kind === 'other') return ['unknownType', 'unknown channel type'];
    if (type.kind === 'session' && this.#noMoreSessions) return ['prohibited', 'no more sessions'];
    if (peer.packetBytesMax < packetBytesMin) {
      return ['resourceShortage', `packets of less than ${packetBytesMin} bytes`];
    }
    if (this.#slots.size < this.#transport.limits.channelsMax) return undefined;
    return ['resourceShortage', 'too many channels'];
  }

  #asked(type: ChannelType, peer: ChannelPeer): AskedToOpen {
    const id = this.#claim({ kind: 'asked' });
    const isOpen = (): boolean => this.#slots.get(id)?.kind === 'asked' && !this.#transport.ended;
    return {
      type,
      accept: () => {
        if (!isOpen()) return undefined;
        const payload = new FieldWriter(messages.channelOpenConfirmation)
          .uint32(peer.id)
          .uint32(id)
          .uint32(this.#transport.limits.channelWindowBytesMax)
          .uint32(packetBytesMax);
        this.#transport.send(payload.payload());
        // The peer asks for the next while the channel is made.
        this.#transport.outgoing.flush();
        // Unless that was the end of the connection.
        if (!isOpen()) return undefined;
        return this.#begin(id, peer, type);
      },
      refuse: (failure, text) => {
        if (!isOpen()) return;
        this.#slots.delete(id);
        this.#sendFailure(peer, failure, text);
      },
    };
  }

  #sendFailure(peer: ChannelPeer, failure: OpenFailure, text: string): void {
    const payload = new FieldWriter(messages.channelOpenFailure)
      .uint32(peer.id)
      .uint32(openFailures[failure])
      .text(text)
      .text('');
    this.#transport.send(payload.payload());
  }

  #receiveConfirmation(payload: Buffer): void {
    const fields = new FieldReader(payload, 1);
    const id = fields.uint32();
    const peer = readPeer(fields);
    fields.end();
    const slot = this.#opening(id);
    if (peer.packetBytesMax < packetBytesMin) {
      throw new Violation('packet-malformed', `packets of less than ${packetBytesMin} bytes`);
    }
    slot.opened.resolve(this.#begin(id, peer, slot.type));
  }

  #receiveFailure(payload: Buffer): void {
    const fields = new FieldReader(payload, 1);
    const id = fields.uint32();
    const reason = fields.uint32();
    const text = fields.text();
    const slot = this.#opening(id);
    this.#slots.delete(id);
    slot.opened.reject(new ChannelRefused(reason, text));
  }

  #opening(id: number): Extract<Slot, { readonly kind: 'opening' }> {
    const slot = this.#slots.get(id);
    if (slot?.kind === 'opening') return slot;
    throw new Violation('reply-unexpected', 'an answer about a channel that was not asked for');
  }

  #receiveRequest(payload: Buffer): void {
    const fields = new FieldReader(payload, 1);
    const name = fields.text();
    const wantReply = fields.boolean();
    const request = readGlobalRequest(name, fields);
    const reply = wantReply ? this.#owed.owe() : () => undefined;
    if (request.kind === 'other') {
      reply({ granted: false });
    } else if (request.kind === 'no-more-sessions') {
      this.#noMoreSessions = true;
      reply({ granted: true });
    } else {
      this.#handlers.request({ request, reply });
    }
  }

  #sendAnswer({ granted, port }: GlobalAnswer): void {
    const type = granted ? messages.requestSuccess : messages.requestFailure;
    const fields = new FieldWriter(type);
    if (granted && port !== undefined) fields.uint32(port);
    this.#transport.send(fields.payload());
  }

  #receiveAnswer(granted: boolean, data: Buffer): void {
    const resolve = this.#awaited.shift();
    if (resolve === undefined) throw new Violation('reply-unexpected', 'a reply to no question');
    resolve(granted, data);
  }
}

const readPeer = (fields: FieldReader): ChannelPeer => ({
  id: fields.uint32(),
  windowBytes: fields.uint32(),
  packetBytesMax: fields.uint32(),
});

function globalPayload(request: Exclude<GlobalRequest, { readonly kind: 'other' }>): Buffer {
  const begin = (name: string): FieldWriter =>
    new FieldWriter(messages.globalRequest).text(name).boolean(true);
  switch (request.kind) {
    case 'listen':
      return begin('tcpip-forward').text(request.address).uint32(request.port).payload();
    case 'unlisten':
      return begin('cancel-tcpip-forward').text(request.address).uint32(request.port).payload();
    case 'listen-socket':
      return begin('streamlocal-forward@openssh.com').text(request.path).payload();
    case 'unlisten-socket':
      return begin('cancel-streamlocal-forward@openssh.com').text(request.path).payload();
    case 'no-more-sessions':
      return begin('no-more-sessions@openssh.com').payload();
  }
}
