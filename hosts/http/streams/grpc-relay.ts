// Relays one gRPC call ("gRPC over HTTP2") between a caller's stream and one to its target: a call that was cut
// never looks as if it had ended, in either direction.

import { constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, ServerHttp2Stream } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { pump, StreamWriter } from '#transport';
import type { GrpcRule, RawFields } from '../wire/grpc/index.ts';
import {
  GrpcMessageCounter,
  GrpcMessageError,
  grpcStatus,
  isGrpcType,
  statusOf,
  statusOfHttp,
} from '../wire/grpc/index.ts';
import type { GrpcRefusal } from './grpc-refusal.ts';
import { refuseGrpc, stopReading, trailersOf } from './grpc-refusal.ts';
import { resetStream } from './http2-cut.ts';
import type { Http2ResponseHead, ObservedEnd } from './http2-response.ts';
import { observeEnd, responseHead } from './http2-response.ts';

export interface GrpcLimits {
  readonly messageBytesMax: number;
  readonly writeBufferBytesMax: number;
  /** From the gateway's own end of a call to the end of its streams. */
  readonly closeMsMax: number;
}

export interface GrpcRelayOptions {
  readonly caller: ServerHttp2Stream;
  /** Its head was just sent, and nothing else. */
  readonly target: ClientHttp2Stream;
  /** What the caller gave the call; the gateway ends it a little later if nobody did. */
  readonly timeoutMs: number | undefined;
  readonly limits: GrpcLimits;
}

export type GrpcEnd =
  | { readonly kind: 'completed'; readonly status: number }
  /** The caller reset the call or vanished; the HTTP/2 error code. */
  | { readonly kind: 'cancelled'; readonly code: number }
  | { readonly kind: 'reset'; readonly by: 'target'; readonly code: number }
  /** The connection to the target ended under the call. */
  | { readonly kind: 'lost' }
  | {
      readonly kind: 'broken';
      readonly by: 'caller' | 'target';
      readonly rule: GrpcRule | 'not-grpc' | 'status-missing' | 'request-trailers';
    }
  /** By the gateway: `end` was called, or the time of the call was over. */
  | { readonly kind: 'ended'; readonly status: number };

const timeoutGraceMs = 1_000;
const timerMsMax = 2 ** 31 - 1;
const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;

/** A reset without an error inside a call would look like its end. */
const errorCode = (code: number | undefined, otherwise: number): number =>
  code === undefined || code === NGHTTP2_NO_ERROR ? otherwise : code;

/** Starts at once and owns both streams from then on. */
export class GrpcRelay {
  /** Resolves when both streams are closed; never rejects. */
  readonly closed: Promise<GrpcEnd>;
  /** What the caller has sent so far. */
  readonly up: GrpcMessageCounter;
  readonly down: GrpcMessageCounter;

  readonly #options: GrpcRelayOptions;
  readonly #resolve: (end: GrpcEnd) => void;
  readonly #connection: ClientHttp2Session | undefined;
  readonly #targetEnd: ObservedEnd;
  #trailers: RawFields | undefined;
  #end: GrpcEnd | undefined;
  #timer: NodeJS.Timeout | undefined;
  #streams = 2;

  constructor(options: GrpcRelayOptions) {
    const { target, limits, timeoutMs } = options;
    this.#options = options;
    this.up = new GrpcMessageCounter(limits.messageBytesMax);
    this.down = new GrpcMessageCounter(limits.messageBytesMax);
    const { promise, resolve } = Promise.withResolvers<GrpcEnd>();
    this.closed = promise;
    this.#resolve = resolve;
    this.#connection = target.session as ClientHttp2Session | undefined;
    this.#targetEnd = observeEnd(target);
    if (timeoutMs !== undefined && timeoutMs + timeoutGraceMs <= timerMsMax) {
      const late = { status: grpcStatus.deadlineExceeded, message: 'the time of the call is over' };
      this.#timer = setTimeout(() => void this.end(late), timeoutMs + timeoutGraceMs).unref();
    }
    this.#listen();
    void this.#relayUp();
    void this.#relayDown();
  }

  /** For a caller whose rights ended (7, 16) or a gateway that stops (14). */
  end(refusal: GrpcRefusal): Promise<GrpcEnd> {
    if (this.#begin({ kind: 'ended', status: refusal.status })) this.#answer(refusal);
    return this.closed;
  }

  #listen(): void {
    const { caller, target } = this.#options;
    for (const stream of [caller, target]) {
      stream.on('error', ignore);
      if (stream.closed && stream.destroyed) queueMicrotask(() => this.#streamClosed());
      else stream.once('close', () => this.#streamClosed());
    }
    caller.once('aborted', () => this.#callerLeft());
    if (caller.aborted || caller.destroyed) this.#callerLeft();
    caller.once('trailers', () => this.#broken('caller', 'request-trailers'));
    target.once('trailers', (_headers, _flags, raw: RawFields) => (this.#trailers = raw));
    // Also while the other direction waits for a drain that will never come.
    target.once('close', () => this.#targetLeft());
  }

  async #relayUp(): Promise<void> {
    const { caller, target, limits } = this.#options;
    const writer = new StreamWriter(target, limits.writeBufferBytesMax);
    try {
      await pump(caller, (chunk) => {
        if (this.#end !== undefined) return undefined;
        this.up.push(chunk);
        return writer.write(chunk) ? undefined : writer.whenDrained();
      });
      // Node ends the readable side of a request that was cut too.
      if (this.#end !== undefined || caller.aborted || caller.destroyed) return;
      this.up.end();
      target.end();
    } catch (error) {
      if (error instanceof GrpcMessageError) this.#broken('caller', error.rule);
      else this.#callerLeft();
    }
  }

  async #relayDown(): Promise<void> {
    const { caller, target, limits } = this.#options;
    const writer = new StreamWriter(caller, limits.writeBufferBytesMax);
    try {
      const head = await responseHead(target);
      if (this.#end !== undefined || !this.#respond(head)) return;
      await pump(target, (chunk) => {
        if (this.#end !== undefined) return undefined;
        this.down.push(chunk);
        return writer.write(chunk) ? undefined : writer.whenDrained();
      });
      if (this.#targetEnd.isClean && this.#trailers === undefined) await turn();
      this.#complete();
    } catch (error) {
      if (error instanceof GrpcMessageError) this.#broken('target', error.rule);
      else if (target.closed && !this.#targetEnd.isClean) this.#targetLeft();
      // A field that may stand once only and does not: Node refuses to send it.
      else this.#broken('target', 'not-grpc');
    }
  }

  /** False when the answer ends here. */
  #respond({ status, rawHeaders, endsStream }: Http2ResponseHead): boolean {
    const { caller } = this.#options;
    const at = rawHeaders.indexOf('content-type');
    if (status !== 200 || !isGrpcType(at < 0 ? undefined : rawHeaders[at + 1])) {
      this.#broken('target', 'not-grpc', {
        status: statusOfHttp(status),
        message: `the target answered with HTTP status ${status} and no gRPC`,
      });
      return false;
    }
    const final = endsStream ? statusOf(rawHeaders) : undefined;
    if (endsStream && final === undefined) {
      this.#broken('target', 'status-missing');
      return false;
    }
    const fields = [':status', '200', ...rawHeaders];
    if (final === undefined) {
      caller.respond(fields, { waitForTrailers: true });
      return true;
    }
    caller.respond(fields, { endStream: true });
    this.#finished(final);
    return false;
  }

  #complete(): void {
    if (this.#end !== undefined) return;
    if (!this.#targetEnd.isClean) return this.#targetLeft();
    this.down.end();
    const status = statusOf(this.#trailers ?? []);
    if (this.#trailers === undefined || status === undefined) {
      return this.#broken('target', 'status-missing');
    }
    this.#endWith(fieldsOf(this.#trailers));
    this.#finished(status);
  }

  #finished(status: number): void {
    const { caller, target } = this.#options;
    this.#end ??= { kind: 'completed', status };
    clearTimeout(this.#timer);
    stopReading(caller);
    // An answer before the end of the request is the target's right; the rest of the request has no reader.
    if (!target.writableEnded) resetStream(target, NGHTTP2_CANCEL);
  }

  #callerLeft(): void {
    const { caller, target } = this.#options;
    const code = errorCode(caller.rstCode, NGHTTP2_CANCEL);
    // The gateway's own reset comes by here too.
    if (!this.#begin({ kind: 'cancelled', code })) return;
    resetStream(target, code);
    caller.resume();
  }

  #targetLeft(): void {
    const { caller, target } = this.#options;
    if (this.#end !== undefined || this.#targetEnd.isClean) return;
    if (this.#connection?.destroyed !== false) {
      this.#begin({ kind: 'lost' });
      this.#answer({
        status: grpcStatus.unavailable,
        message: 'the connection to the target ended',
      });
      return;
    }
    const code = errorCode(target.rstCode, NGHTTP2_INTERNAL_ERROR);
    if (this.#begin({ kind: 'reset', by: 'target', code })) resetStream(caller, code);
  }

  #broken(
    by: 'caller' | 'target',
    rule: Extract<GrpcEnd, { kind: 'broken' }>['rule'],
    refusal: GrpcRefusal = { status: grpcStatus.internal, message: `${by} broke gRPC: ${rule}` },
  ): void {
    if (this.#begin({ kind: 'broken', by, rule })) this.#answer(refusal);
  }

  /** The gateway's own words end the call: an error status, so that what came before is not taken for a whole answer. */
  #answer(refusal: GrpcRefusal): void {
    const { caller, target } = this.#options;
    resetStream(target, NGHTTP2_CANCEL);
    if (caller.destroyed || caller.closed) return;
    if (!caller.headersSent) return refuseGrpc(caller, refusal);
    this.#endWith(trailersOf(refusal));
    stopReading(caller);
  }

  #endWith(trailers: Record<string, string | string[]>): void {
    const { caller } = this.#options;
    caller.once('wantTrailers', () => {
      try {
        caller.sendTrailers(trailers);
      } catch {
        // A field that may stand once only and does not: what cannot be told is no end.
        resetStream(caller, NGHTTP2_INTERNAL_ERROR);
      }
    });
    caller.end();
  }

  /** Only the first cause counts; from here on there is a time by which all is over. */
  #begin(end: GrpcEnd): boolean {
    if (this.#end !== undefined) return false;
    this.#end = end;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#cut(), this.#options.limits.closeMsMax).unref();
    return true;
  }

  #cut(): void {
    for (const stream of [this.#options.caller, this.#options.target])
      resetStream(stream, NGHTTP2_CANCEL);
  }

  #streamClosed(): void {
    this.#streams -= 1;
    if (this.#streams > 0) return;
    clearTimeout(this.#timer);
    this.#resolve(this.#end ?? { kind: 'lost' });
  }
}

const ignore = (): void => undefined;

function fieldsOf(raw: RawFields): Record<string, string[]> {
  const fields = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    (fields[raw[at] ?? ''] ??= []).push(raw[at + 1] ?? '');
  }
  return fields;
}
