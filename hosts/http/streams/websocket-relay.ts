// Relays a WebSocket (RFC 6455) between a caller and its target: every message framed anew, each close told on.

import type { Duplex } from 'node:stream';
import { pump } from '#transport';
import type { Close, Frame, FrameRule } from '../wire/websocket/index.ts';
import { FrameError, opcodes } from '../wire/websocket/index.ts';
import type { Swept } from './sweep.ts';
import type { Direction } from './websocket-messages.ts';
import type { MessageVerdict, PassageOptions } from './websocket-passage.ts';
import { WebSocketPassage } from './websocket-passage.ts';
import type { PeerName } from './websocket-peer.ts';
import { WebSocketPeer } from './websocket-peer.ts';

export interface WebSocketLimits {
  /** One message that is judged or masked. */
  readonly messageBytesMax: number;
  readonly writeBufferBytesMax: number;
  /** A peer that is silent so long is pinged, again and again. */
  readonly pingMs: number;
  /** A peer that is silent, or takes nothing of what is written, for so long has vanished. */
  readonly silenceMsMax: number;
  /** From the first close frame to the end of both connections. */
  readonly closeMsMax: number;
}

export interface WebSocketRelayOptions extends PassageOptions {
  readonly caller: Duplex;
  readonly target: Duplex;
  /** What came behind the handshakes already. */
  readonly callerHead: Buffer;
  readonly targetHead: Buffer;
  readonly limits: WebSocketLimits;
}

export type WebSocketEnd =
  | { readonly kind: 'closed'; readonly by: PeerName; readonly code: number | undefined }
  /** Its connection ended, or it was silent too long, without a close frame. */
  | { readonly kind: 'vanished'; readonly by: PeerName }
  | { readonly kind: 'violated'; readonly by: PeerName; readonly rule: FrameRule }
  | { readonly kind: 'refused'; readonly direction: Direction; readonly reason: string }
  /** By the gateway: `end` was called. */
  | { readonly kind: 'ended'; readonly code: number; readonly reason: string }
  /** Judging, masking or recording threw. */
  | { readonly kind: 'failed'; readonly error: unknown };

const policyViolation = 1008;
const internalError = 1011;
const badGateway = 1014;
/** Tells the answers to the gateway's own pings from others. */
const pingPayload = Buffer.from('sallyport');

interface Route {
  readonly from: WebSocketPeer;
  readonly to: WebSocketPeer;
  readonly passage: WebSocketPassage;
}

/** Starts at once and owns both sockets from then on. */
export class WebSocketRelay implements Swept {
  /** Resolves when both connections are closed; never rejects. */
  readonly closed: Promise<WebSocketEnd>;

  readonly #options: WebSocketRelayOptions;
  readonly #up: Route;
  readonly #down: Route;
  /** What peers say in control frames would pass the judge and the masks: the gateway answers pings itself. */
  readonly #answersPings: boolean;
  readonly #resolve: (end: WebSocketEnd) => void;
  #end: WebSocketEnd | undefined;
  #cutMs = Infinity;
  #sockets = 2;

  constructor(options: WebSocketRelayOptions) {
    this.#options = options;
    const { sweep, judge, mask } = options;
    const up = new WebSocketPassage('up', options);
    const down = new WebSocketPassage('down', options);
    const caller = peerOf('caller', options, up.gathers);
    const target = peerOf('target', options, down.gathers);
    this.#up = { from: caller, to: target, passage: up };
    this.#down = { from: target, to: caller, passage: down };
    this.#answersPings = judge !== undefined || mask !== undefined;
    const { promise, resolve } = Promise.withResolvers<WebSocketEnd>();
    this.closed = promise;
    this.#resolve = resolve;
    sweep.join(this);
    for (const route of [this.#up, this.#down]) this.#start(route);
  }

  /** For a caller whose rights ended (1008) or a gateway that stops (1012); over within `closeMsMax` and a second. */
  end(code: number, reason: string): Promise<WebSocketEnd> {
    this.#closeBoth({ kind: 'ended', code, reason }, { code, reason });
    return this.closed;
  }

  onSweep(nowMs: number): void {
    if (nowMs >= this.#cutMs) {
      this.#destroy();
      return;
    }
    for (const route of [this.#up, this.#down]) this.#watch(route, nowMs);
  }

  #start(route: Route): void {
    const { socket } = route.from;
    const onClosed = (): void => this.#socketClosed();
    if (socket.closed) queueMicrotask(onClosed);
    else socket.once('close', onClosed);
    pump(socket, (chunk) => this.#read(route, chunk)).then(
      () => this.#ended(route),
      (error: unknown) => this.#broke(route, error),
    );
  }

  #read(route: Route, chunk: Buffer): void | Promise<void> {
    const { from } = route;
    from.seenMs = this.#options.sweep.nowMs;
    if (from.closeReceived) return;
    from.reader.push(chunk);
    const pending = this.#readFrames(route);
    if (pending === undefined) return;
    from.waits = true;
    return pending.finally(() => {
      from.waits = false;
      from.seenMs = this.#options.sweep.nowMs;
    });
  }

  #readFrames(route: Route): undefined | Promise<void> {
    while (!route.from.closeReceived) {
      const frame = route.from.reader.next();
      if (frame === undefined) return undefined;
      const pending = this.#onFrame(route, frame);
      if (pending !== undefined) return pending.then(() => this.#readFrames(route));
    }
    return undefined;
  }

  #onFrame(route: Route, frame: Frame): undefined | Promise<void> {
    switch (frame.kind) {
      case 'close':
        this.#onClose(route, frame.close);
        return undefined;
      case 'ping':
      case 'pong':
        return this.#onPing(route, frame.kind, frame.payload);
      case 'piece': {
        const { passage, to } = route;
        // Whoever has been told that it is over gets no more, and nobody is asked about it.
        if (to.closeSent || this.#isCutOff) return undefined;
        try {
          const pending = passage.pass(frame, to);
          return pending?.then(
            (verdict) => this.#judged(route, verdict),
            (error: unknown) => this.#failed(error),
          );
        } catch (error) {
          this.#failed(error);
          return undefined;
        }
      }
    }
  }

  #onPing({ from, to }: Route, kind: 'ping' | 'pong', payload: Buffer): undefined | Promise<void> {
    const now = this.#options.sweep.nowMs;
    const send = (peer: WebSocketPeer, opcode: 0x9 | 0xa): undefined | Promise<void> =>
      peer.send({ opcode, final: true, payload }, now);
    if (kind === 'ping')
      return this.#answersPings ? send(from, opcodes.pong) : send(to, opcodes.ping);
    const isOwn = payload.equals(pingPayload);
    return this.#answersPings || isOwn ? undefined : send(to, opcodes.pong);
  }

  /** The first close is told on, the second answers it; a side that has said and heard it is done. */
  #onClose({ from, to }: Route, { code, reason }: Close): void {
    from.closeReceived = true;
    this.#begin({ kind: 'closed', by: from.name, code });
    const isMasked = from.name === 'target' && this.#options.mask !== undefined;
    if (!to.closeSent) to.sendClose(code, isMasked ? '' : reason, this.#options.sweep.nowMs);
    for (const peer of [from, to]) {
      if (peer.closeSent && peer.closeReceived) peer.socket.end();
    }
  }

  #judged({ passage: { direction } }: Route, verdict: MessageVerdict): void {
    if (verdict.kind === 'forward') return;
    const { reason } = verdict;
    this.#closeBoth({ kind: 'refused', direction, reason }, { code: policyViolation, reason });
  }

  #failed(error: unknown): void {
    this.#closeBoth({ kind: 'failed', error }, { code: internalError, reason: 'gateway error' });
  }

  /** The peer's last byte was read. */
  #ended({ from, to }: Route): void {
    if (!from.closeReceived) this.#vanished({ from, to });
    else if (from.closeSent) from.socket.end();
  }

  #broke({ from, to }: Route, error: unknown): void {
    if (!(error instanceof FrameError)) return this.#vanished({ from, to });
    const { rule, closeCode, message } = error;
    this.#begin({ kind: 'violated', by: from.name, rule });
    from.sendClose(closeCode, message, this.#options.sweep.nowMs);
    from.socket.end();
    from.discard();
    this.#abandon(to);
  }

  #vanished({ from, to }: Pick<Route, 'from' | 'to'>): void {
    this.#begin({ kind: 'vanished', by: from.name });
    from.socket.destroy();
    this.#abandon(to);
  }

  /** Its peer broke off: the target sees the connection end as the caller's did, the caller is told. */
  #abandon(peer: WebSocketPeer): void {
    if (peer.name === 'target') return peer.hangUp();
    if (!peer.closeSent) {
      peer.sendClose(badGateway, 'the target broke off', this.#options.sweep.nowMs);
    }
    if (peer.closeReceived) peer.socket.end();
  }

  #closeBoth(end: WebSocketEnd, close: Close): void {
    if (!this.#begin(end)) return;
    for (const { from } of [this.#up, this.#down]) {
      if (!from.closeSent) from.sendClose(close.code, close.reason, this.#options.sweep.nowMs);
    }
  }

  get #isCutOff(): boolean {
    return this.#end !== undefined && this.#end.kind !== 'closed';
  }

  /** Only the first cause counts; from here on there is a time by which all is over. */
  #begin(end: WebSocketEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    this.#cutMs = this.#options.sweep.nowMs + this.#options.limits.closeMsMax;
    return true;
  }

  #watch(route: Route, nowMs: number): void {
    const { from } = route;
    const { pingMs, silenceMsMax } = this.#options.limits;
    if (from.waits) from.seenMs = nowMs;
    const isStalled = from.stalledMs !== undefined && nowMs - from.stalledMs >= silenceMsMax;
    if (isStalled || nowMs - from.seenMs >= silenceMsMax) {
      this.#vanished(route);
      return;
    }
    // One that waits is pinged too: its connection may be gone, which only a write brings to light.
    if (nowMs - Math.max(from.waits ? 0 : from.seenMs, from.pingedMs) < pingMs) return;
    from.pingedMs = nowMs;
    void from.send({ opcode: opcodes.ping, final: true, payload: pingPayload }, nowMs);
  }

  #destroy(): void {
    for (const { from } of [this.#up, this.#down]) from.socket.destroy();
  }

  #socketClosed(): void {
    this.#sockets -= 1;
    if (this.#sockets > 0) return;
    const { sweep } = this.#options;
    sweep.leave(this);
    const end = this.#end ?? { kind: 'vanished', by: 'caller' };
    Promise.all([this.#up.passage.cut(), this.#down.passage.cut()]).then(
      () => this.#resolve(end),
      (error: unknown) => this.#resolve({ kind: 'failed', error }),
    );
  }
}

function peerOf(name: PeerName, options: WebSocketRelayOptions, isBounded: boolean): WebSocketPeer {
  const { limits, sweep } = options;
  const own = { name, socket: options[name], head: options[`${name}Head`] };
  const { writeBufferBytesMax } = limits;
  const messageBytesMax = isBounded ? limits.messageBytesMax : Infinity;
  return new WebSocketPeer({ ...own, messageBytesMax, writeBufferBytesMax }, sweep.nowMs);
}
