// One request of a caller and the way to answer it, the same for HTTP/1.1 and HTTP/2.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Duplex, Readable, Writable } from 'node:stream';

import { failWhenCut, resetStream, respondHttp2, stopReading } from './streams/index.ts';
import { isGrpcType } from './wire/grpc/index.ts';
import type { HeaderField, RawRequest } from './wire/index.ts';
import { flatFields } from './wire/index.ts';

export interface Downstream {
  readonly raw: RawRequest;
  readonly body: Readable;
  /** Whoever reads the body learns that no more of it comes. */
  readonly abandonBody: () => void;
  /** Where the answer's body goes; it is the answer's once `respond` was called. To be ended with `end`. */
  readonly sink: Writable;
  /** Ends the answer, behind its last bytes, if any. */
  readonly end: (last?: Buffer) => void;
  /** No accessor: each literal with one has a shape of its own, which keeps what it refers to alive. */
  readonly hasResponded: () => boolean;
  /** Sends the head of the answer; its body, if any, is written to `sink` and ended there. */
  readonly respond: (status: number, fields: readonly HeaderField[]) => void;
  /** Tells a caller that waits for it to send the body (RFC 9110 §10.1.1). */
  readonly sendContinue: () => void;
  /** Sends a head that still waits for the first byte of its body. */
  readonly flushHead: () => void;
  /** Calls back when the caller has all of the answer, as far as can be known. */
  readonly whenOver: (then: () => void) => void;
  /** Ends the answer so that it cannot be taken for a whole one. */
  readonly cut: () => void;
  /** What was read with the head of an upgrade, and the socket; only of requests that ask for one. */
  readonly upgrade?: { readonly socket: Duplex; readonly head: Buffer };
  /** Of a gRPC call, which is answered in its own way. */
  readonly grpc?: ServerHttp2Stream;
}

/** A request that node parsed from HTTP/1.1. */
export function http1Downstream(
  request: IncomingMessage,
  response: ServerResponse,
  scheme: RawRequest['scheme'],
): Downstream {
  /** Said by the gateway, because it cannot tell where the next request would begin. */
  let mustClose = false;
  let isContinued = false;
  return {
    raw: rawOf(request, scheme),
    body: request,
    abandonBody: () => {
      request.destroy();
    },
    sink: response,
    end: (last) => {
      // One without a body ended before it was told (`optimizeEmptyRequests`).
      const isRead = request.complete || request.readableEnded;
      const isWhole = isRead || (!isContinued && request.headers.expect !== undefined);
      if (mustClose || isWhole) response.end(last);
      else endBehind(request, response, last);
    },
    hasResponded: () => response.headersSent,
    respond: (status, fields) => {
      // What was sent is judged, and a date of the gateway's own is no part of it.
      response.sendDate = false;
      mustClose = fields.some(([name]) => name === 'connection');
      response.writeHead(status, STATUS_CODES[status] ?? '', flatFields(fields));
    },
    sendContinue: () => {
      isContinued = true;
      response.writeContinue();
    },
    flushHead: () => {
      response.flushHeaders();
    },
    whenOver: atOnce,
    cut: () => {
      request.socket.destroy();
    },
  };
}

/**
 * Ends an answer that came before the end of the request, whose rest nobody needs: many callers read nothing before they
 * have sent all, and a connection that is closed on them takes the answer with it (RFC 9112 §9.6). The connection's sweep
 * says how long that may take.
 */
function endBehind(request: IncomingMessage, response: ServerResponse, last?: Buffer): void {
  if (last !== undefined) response.write(last);
  const end = (): void => {
    response.end();
  };
  request.once('end', end).once('close', end).resume();
}

/** A request that asks for an upgrade: whatever is answered, its socket serves no other request. */
export function upgradeDownstream(
  request: IncomingMessage,
  upgrade: { readonly socket: Duplex; readonly head: Buffer },
  scheme: RawRequest['scheme'],
): Downstream {
  const { socket } = upgrade;
  let hasResponded = false;
  return {
    raw: rawOf(request, scheme),
    body: request,
    abandonBody: () => {
      request.destroy();
    },
    sink: socket,
    end: (last) => {
      socket.end(last);
    },
    upgrade,
    hasResponded: () => hasResponded,
    respond: (status, fields) => {
      hasResponded = true;
      socket.write(headText(status, [...fields, ['connection', 'close']]), 'latin1');
    },
    sendContinue: () => undefined,
    flushHead: () => undefined,
    whenOver: atOnce,
    cut: () => {
      socket.destroy();
    },
  };
}

/** @param rawHeaders Of the stream, pseudo headers among them (RFC 9113 §8.3). */
export function http2Downstream(
  stream: ServerHttp2Stream,
  rawHeaders: readonly string[],
  scheme: RawRequest['scheme'],
): Downstream {
  const raw = { ...http2Raw(rawHeaders, scheme), endsWithHead: stream.endAfterHeaders };
  const isGrpc = isGrpcType(contentTypeOf(raw));
  // The relay of a call tells for itself.
  if (!isGrpc) failWhenCut(stream);
  return {
    raw,
    ...(isGrpc ? { grpc: stream } : {}),
    body: stream,
    // It would take the answer with it: the end of that is the end of both.
    abandonBody: () => undefined,
    sink: stream,
    end: (last) => {
      stream.end(last);
      // Nobody needs the rest of the request, but unread it keeps its sender from ever being done.
      stream.once('finish', () => {
        if (!stream.readableEnded && !stream.endAfterHeaders) stopReading(stream);
      });
    },
    hasResponded: () => stream.headersSent,
    respond: (status, fields) => {
      if (stream.destroyed || stream.closed) return;
      // One stream's end is not the connection's (RFC 9113 §8.2.2).
      const own = fields.filter(([name]) => name !== 'connection');
      respondHttp2(stream, [':status', String(status), ...flatFields(own)]);
    },
    sendContinue: () => {
      if (stream.destroyed || stream.closed || stream.headersSent) return;
      stream.additionalHeaders({ ':status': 100 });
    },
    flushHead: () => undefined,
    whenOver: (then) => {
      if (stream.closed) then();
      else stream.once('close', then);
    },
    cut: () => {
      resetStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
    },
  };
}

const atOnce = (then: () => void): void => {
  then();
};

/** The head of an answer that is written by hand. */
export function headText(status: number, fields: readonly HeaderField[]): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

function contentTypeOf({ rawHeaders }: RawRequest): string | undefined {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name === 'content-type');
  return at < 0 ? undefined : rawHeaders[at + 1];
}

function rawOf(request: IncomingMessage, scheme: RawRequest['scheme']): RawRequest {
  return {
    version: request.httpVersion,
    method: request.method ?? '',
    target: request.url ?? '',
    scheme,
    rawHeaders: request.rawHeaders,
  };
}

function http2Raw(rawHeaders: readonly string[], scheme: RawRequest['scheme']): RawRequest {
  const pseudo = new Map<string, string>();
  const fields: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (name.startsWith(':')) pseudo.set(name, value);
    else fields.push(name, value);
  }
  return {
    version: '2',
    method: pseudo.get(':method') ?? '',
    target: pseudo.get(':path') ?? '',
    authority: pseudo.get(':authority'),
    scheme,
    namedScheme: pseudo.get(':scheme'),
    rawHeaders: fields,
  };
}
