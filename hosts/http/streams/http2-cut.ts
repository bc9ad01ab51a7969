// HTTP/2 streams that can be cut (RFC 9113 §6.4). Measured on Node 24: in front of the RST_STREAM of `close(code)` Node
// writes END_STREAM, so that what was cut is whole to the peer, unless the stream waits for trailers and is closed
// outside of the events of its connection; `destroy()` without an error sends NO_ERROR, which peers take for an end too.

import type { ClientHttp2Stream, Http2Stream, ServerHttp2Stream } from 'node:http2';

const cut = new WeakSet<Http2Stream>();

/** Makes `end()` an end without trailers on a stream that was opened with `waitForTrailers`. */
export function endWithoutTrailers(stream: ClientHttp2Stream | ServerHttp2Stream): void {
  stream.once('wantTrailers', () => {
    if (!cut.has(stream)) stream.sendTrailers({});
  });
}

/** Begins an answer with a body that `resetStream` can cut. */
export function respondHttp2(stream: ServerHttp2Stream, head: readonly string[]): void {
  endWithoutTrailers(stream);
  stream.respond(head, { waitForTrailers: true });
}

/**
 * Cuts it, a turn later: whatever ends it until then is no end. What was received and not read is dropped: it would
 * keep the stream from closing.
 */
export function resetStream(stream: Http2Stream, code: number): void {
  if (cut.has(stream)) return;
  cut.add(stream);
  setImmediate(() => {
    stream.close(code);
    stream.resume();
  });
}
