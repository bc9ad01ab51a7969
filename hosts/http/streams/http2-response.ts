// The answer on an HTTP/2 stream to a target (RFC 9113 §8.1), and whether its end is one.

import type { ClientHttp2Stream, Http2Stream } from 'node:http2';
import { UpstreamError } from '#engine/model';

export interface Http2ResponseHead {
  readonly status: number;
  /** Names and values in turn as received, without pseudo headers. */
  readonly rawHeaders: readonly string[];
  /** Neither body nor trailers follow. */
  readonly endsStream: boolean;
}

const endStream = 0x1;

/**
 * The head, interim ones passed over.
 *
 * @throws UpstreamError `upstream-broken` when the stream ends without one
 */
export function responseHead(stream: ClientHttp2Stream): Promise<Http2ResponseHead> {
  const { promise, resolve, reject } = Promise.withResolvers<Http2ResponseHead>();
  stream.once('response', (headers, flags, raw) => {
    const status = headers[':status'] ?? 0;
    resolve({ status, rawHeaders: withoutPseudo(raw), endsStream: (flags & endStream) !== 0 });
  });
  stream.once('close', () => {
    const message = `the target reset the request with code ${stream.rstCode}`;
    reject(new UpstreamError('upstream-broken', message));
  });
  return promise;
}

/** Pseudo headers come first (§8.3). */
export function withoutPseudo(raw: readonly string[]): readonly string[] {
  let start = 0;
  while (raw[start]?.startsWith(':') === true) start += 2;
  return raw.slice(start);
}

export interface ObservedEnd {
  /** True once the peer's END_STREAM was read. */
  readonly isClean: boolean;
}

/**
 * Node tells a body that was cut by RST_STREAM(NO_ERROR), RST_STREAM(CANCEL) or the loss of the connection from a whole
 * one by no event: `end` comes in all these cases. It marks the stream closed before it ends the readable side of a
 * cut one, and afterwards for a whole one; that moment is observed. To be called before the stream has read anything.
 */
export function observeEnd(stream: Http2Stream): ObservedEnd {
  const observed = { isClean: false };
  let isOver = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !isOver) {
      isOver = true;
      observed.isClean = !stream.closed && !stream.destroyed;
    }
    return push(chunk, encoding);
  };
  return observed;
}

/**
 * Makes a body that was cut fail: by `observeEnd`'s measurements Node would end one that RST_STREAM(NO_ERROR) cut like a
 * whole one. To be called before the stream has read anything.
 */
export function failWhenCut(stream: Http2Stream): void {
  let isOver = false;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !isOver) {
      isOver = true;
      if (stream.closed || stream.destroyed) {
        // Not here: Node still works on the stream.
        process.nextTick(() => stream.destroy(new Error('the caller broke off')));
        return false;
      }
    }
    return push(chunk, encoding);
  };
}
