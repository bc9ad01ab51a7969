// One request over HTTP/2 (RFC 9113), told to the same handler as undici tells those over HTTP/1.1.

import type { ClientHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';

import type { Dispatcher } from 'undici';

import { UpstreamError } from '#engine';
import { startDeadline } from '#transport';

import type { Http2Sessions } from '../streams/index.ts';
import { observeEnd } from '../streams/index.ts';
import type { UpstreamRequest } from './upstream-request.ts';

type Handler = Dispatcher.DispatchHandler;

export interface Http2Dispatch {
  readonly sessions: Http2Sessions;
  readonly scheme: 'https' | 'http';
  readonly headSecondsMax: number;
}

/** Never rejects: what goes wrong is told to the handler. */
export async function dispatchHttp2(
  request: UpstreamRequest,
  handler: Handler,
  { sessions, scheme, headSecondsMax }: Http2Dispatch,
): Promise<void> {
  using deadline = startDeadline(headSecondsMax * 1000, 'the target did not answer in time');
  let stream: ClientHttp2Stream;
  try {
    const endStream = request.body === null;
    const head = headOf(request, scheme);
    stream = await sessions.request({ head, endStream, signal: deadline.signal });
  } catch (error) {
    handler.onResponseError?.(nobody, error as Error);
    return;
  }
  const answered = listen(stream, handler);
  send(stream, request.body);
  const late = (): void => {
    stream.close(constants.NGHTTP2_CANCEL);
  };
  deadline.signal.addEventListener('abort', late);
  await answered;
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

function send(stream: ClientHttp2Stream, body: UpstreamRequest['body']): void {
  if (body === null) return;
  if (Buffer.isBuffer(body)) {
    stream.end(body);
    return;
  }
  body.on('error', () => {
    stream.close(constants.NGHTTP2_CANCEL);
  });
  body.pipe(stream);
}

/** Resolves with the head of the answer, or when there will be none. */
function listen(stream: ClientHttp2Stream, handler: Handler): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = observeEnd(stream);
  const controller = controllerOf(stream);
  let isOver = false;
  const finish = (error: Error | undefined): void => {
    resolve(undefined);
    if (isOver) return;
    isOver = true;
    if (error === undefined) handler.onResponseEnd?.(controller, {});
    else handler.onResponseError?.(controller, error);
  };
  handler.onRequestStart?.(controller, {});
  stream.once('response', (headers, _flags, raw) => {
    controller.rawHeaders = raw.slice(raw.findLastIndex(isPseudo) + 2);
    handler.onResponseStart?.(controller, headers[':status'] ?? 0, {});
    resolve(undefined);
  });
  stream.on('data', (chunk: Buffer) => {
    handler.onResponseData?.(controller, chunk);
  });
  stream.once('end', () => {
    finish(end.isClean ? undefined : broken(stream));
  });
  stream.on('error', finish);
  stream.once('close', () => {
    finish(broken(stream));
  });
  return promise;
}

const isPseudo = (text: string, index: number): boolean => index % 2 === 0 && text.startsWith(':');

const broken = ({ rstCode }: ClientHttp2Stream): UpstreamError =>
  new UpstreamError('upstream-broken', `the target reset the request with code ${rstCode}`);

interface Controller extends Dispatcher.DispatchController {
  rawHeaders: string[];
}

function controllerOf(stream: ClientHttp2Stream): Controller {
  let reason: Error | null = null;
  return {
    rawHeaders: [],
    get aborted() {
      return reason !== null;
    },
    get paused() {
      return stream.isPaused();
    },
    get reason() {
      return reason;
    },
    abort: (why) => {
      reason = why;
      stream.close(constants.NGHTTP2_CANCEL);
    },
    pause: () => {
      stream.pause();
    },
    resume: () => {
      stream.resume();
    },
  };
}

/** Of a request that never reached a stream. */
const nobody: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};
