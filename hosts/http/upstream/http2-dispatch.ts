// One request over HTTP/2 (RFC 9113), told to the same handler as undici tells those over HTTP/1.1.

import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Readable } from 'node:stream';

import type { Dispatcher } from 'undici';

import { UpstreamError } from '#engine';

import type { Http2Sessions } from '../streams/index.ts';
import { observeEnd, resetStream, withoutPseudo } from '../streams/index.ts';
import type { UpstreamRequest } from './upstream-request.ts';

export interface Http2DispatchOptions {
  readonly sessions: Pick<Http2Sessions, 'request'>;
  readonly scheme: 'https' | 'http';
  /** To the head of the answer, from when the target last took a piece of the request. */
  readonly headMsMax: number;
  /** Between two pieces of the answer. */
  readonly idleMsMax: number;
}

/** Never throws: what goes wrong is told to the handler, once. */
export function dispatchHttp2(
  request: UpstreamRequest,
  handler: Dispatcher.DispatchHandler,
  options: Http2DispatchOptions,
): void {
  void new Http2Exchange(request, handler, options).run();
}

/** Connection and Host have no place in HTTP/2 (§8.2.2, §8.3.1). */
export function headOf(
  { method, path, headers }: UpstreamRequest,
  scheme: string,
): readonly string[] {
  const fields: string[] = [];
  let authority = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (name === 'host') authority = value;
    else fields.push(name, value);
  }
  const pseudo = [':method', method, ':scheme', scheme, ':authority', authority, ':path', path];
  return [...pseudo, ...fields];
}

class Http2Exchange implements Dispatcher.DispatchController {
  rawHeaders: string[] = [];
  readonly #request: UpstreamRequest;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #options: Http2DispatchOptions;
  readonly #over = new AbortController();
  #stream: ClientHttp2Stream | undefined;
  #timer: NodeJS.Timeout;
  #reason: Error | null = null;

  constructor(
    request: UpstreamRequest,
    handler: Dispatcher.DispatchHandler,
    options: Http2DispatchOptions,
  ) {
    this.#request = request;
    this.#handler = handler;
    this.#options = options;
    this.#timer = this.#startTimer(options.headMsMax);
  }

  async run(): Promise<void> {
    const { sessions, scheme } = this.#options;
    const { body } = this.#request;
    this.#tell(() => this.#handler.onRequestStart?.(this, {}));
    // Whoever leaves while it waits for a connection sends the target nothing.
    if (this.#isOver()) return;
    try {
      const stream = await sessions.request({
        head: headOf(this.#request, scheme),
        endStream: body === null,
        signal: this.#over.signal,
      });
      this.#stream = stream;
      this.#listen(stream);
    } catch (error) {
      this.#end(error as Error);
      return;
    }
    if (this.#isOver()) resetStream(this.#stream, constants.NGHTTP2_CANCEL);
    else if (Buffer.isBuffer(body)) this.#stream.end(body);
    else if (body !== null) this.#upload(body, this.#stream);
  }

  get aborted(): boolean {
    return this.#reason !== null;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  get paused(): boolean {
    return this.#stream?.isPaused() === true;
  }

  abort(reason: Error): void {
    if (!this.#isOver()) this.#reason = reason;
    this.#end(reason);
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #listen(stream: ClientHttp2Stream): void {
    const end = observeEnd(stream);
    let answered = false;
    stream.once('response', (headers, _flags, raw) => {
      answered = true;
      clearTimeout(this.#timer);
      this.#timer = this.#startTimer(this.#options.idleMsMax);
      this.rawHeaders = [...withoutPseudo(raw)];
      const status = headers[':status'] ?? 0;
      this.#tell(() => this.#handler.onResponseStart?.(this, status, {}));
    });
    stream.on('data', (chunk: Buffer) => {
      this.#timer.refresh();
      this.#tell(() => this.#handler.onResponseData?.(this, chunk));
    });
    stream.once('end', () => {
      this.#end(answered && end.isClean ? undefined : broken(stream));
    });
    stream.on('error', (error: Error) => {
      this.#end(error);
    });
    stream.once('close', () => {
      this.#end(broken(stream));
    });
  }

  /** A body that breaks off takes the stream with it, so that the target sees no end of it (§8.1). */
  #upload(body: Readable, stream: ClientHttp2Stream): void {
    const broke = (): void => {
      if (!body.readableEnded)
        this.#end(new Error('the caller broke off', { cause: body.errored }));
    };
    if (body.destroyed) {
      broke();
      return;
    }
    body.on('error', broke).on('close', broke);
    // A target that takes nothing keeps the pipe, and with it this, from going on.
    body.on('data', () => this.#timer.refresh());
    body.pipe(stream);
  }

  /** As undici does: what a handler throws ends its own request, and no other. */
  #tell(say: () => void): void {
    if (this.#isOver()) return;
    try {
      say();
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #end(error: Error | undefined): void {
    if (this.#isOver()) return;
    clearTimeout(this.#timer);
    this.#over.abort();
    const stream = this.#stream;
    const { body } = this.#request;
    // An answer may be whole before the request is: the rest of it has no reader.
    if (stream !== undefined && (error !== undefined || !stream.writableEnded)) {
      resetStream(stream, constants.NGHTTP2_CANCEL);
    }
    if (body !== null && !Buffer.isBuffer(body)) body.unpipe().destroy();
    if (error === undefined) this.#handler.onResponseEnd?.(this, {});
    else this.#handler.onResponseError?.(this, error);
  }

  #startTimer(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      // The caller that keeps the answer from moving on has a deadline of its own.
      if (this.paused) this.#timer.refresh();
      else this.#end(new UpstreamError('upstream-broken', 'the target did not answer in time'));
    }, ms).unref();
  }
}

const broken = ({ rstCode }: ClientHttp2Stream): UpstreamError =>
  new UpstreamError('upstream-broken', `the target reset the request with code ${rstCode}`);
