// HTTP/2 towards callers (RFC 9113 §10.5): the bounds that Node is told, and those that it has not.

import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { constants, performServerHandshake } from 'node:http2';
import type { Socket } from 'node:net';

const streamsMax = 100;
const fieldsMax = 128;
/** PING and SETTINGS have to be answered each: more in a second are asked for the answers' sake. */
const controlFramesPerSecondMax = 1_000;

/** Told to Node and nghttp2; what else floods, such as CONTINUATION and frames without a meaning, has bounds of theirs. */
const bounds = {
  maxHeaderListPairs: fieldsMax,
  maxSettings: 32,
  /** Empty DATA, and frames on streams that are over. */
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  /** Each costs a decision and, at times, a connection to the target (CVE-2023-44487). */
  streamResetBurst: 200,
  streamResetRate: 33,
  /** Megabytes; no new streams while a connection holds more. */
  maxSessionMemory: 10,
} as const;

export interface Http2CallerOptions {
  readonly headBytesMax: number;
  /** @param rawHeaders Names and values in turn, pseudo headers among them. */
  readonly onStream: (stream: ServerHttp2Stream, rawHeaders: readonly string[]) => void;
  /** The connection is about to end with ENHANCE_YOUR_CALM. */
  readonly onFlood: () => void;
}

/** Speaks HTTP/2 on a connection whose caller agreed to it; the session's end is the connection's. */
export function speakHttp2(socket: Socket, options: Http2CallerOptions): ServerHttp2Session {
  const { headBytesMax, onStream, onFlood } = options;
  const session = performServerHandshake(socket, {
    ...bounds,
    maxSendHeaderBlockLength: headBytesMax,
    settings: {
      enablePush: false,
      enableConnectProtocol: false,
      maxConcurrentStreams: streamsMax,
      maxHeaderListSize: headBytesMax,
    },
  });
  session.on('error', () => {
    session.destroy();
  });
  session.on('stream', (stream, _headers, _flags, rawHeaders) => {
    stream.on('error', () => undefined);
    onStream(stream, rawHeaders);
  });
  let window = { since: performance.now(), frames: 0 };
  const count = (): void => {
    const now = performance.now();
    if (now - window.since > 1000) window = { since: now, frames: 0 };
    window.frames += 1;
    if (window.frames <= controlFramesPerSecondMax || session.destroyed) return;
    onFlood();
    session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  };
  session.on('ping', count).on('remoteSettings', count);
  return session;
}

/** As RFC 9113 §10.5.1 counts. Node leaves 64 KiB to callers that have not acknowledged the settings. */
export const headerListSize = (rawHeaders: readonly string[]): number =>
  rawHeaders.reduce((size, text) => size + text.length + 16, 0);
