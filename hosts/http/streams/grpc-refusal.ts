// A gRPC call that ends at the gateway: the status that the caller's library raises ("gRPC over HTTP2", Trailers-Only).

import { constants } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { encodeGrpcMessage } from '../wire/grpc/index.ts';

export interface GrpcRefusal {
  /** 7 for what policy denies, 16 for a caller that is not known, 14 for a target that is not there. */
  readonly status: number;
  readonly message: string;
}

export const trailersOf = ({ status, message }: GrpcRefusal): Record<string, string> => ({
  'grpc-status': String(status),
  'grpc-message': encodeGrpcMessage(message),
});

/** Answers in place of the target; nothing may have been answered yet. */
export function refuseGrpc(stream: ServerHttp2Stream, refusal: GrpcRefusal): void {
  if (stream.destroyed || stream.closed || stream.headersSent) return;
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', ...trailersOf(refusal) },
    { endStream: true },
  );
  stopReading(stream);
}

const lingerMs = 1_000;

/**
 * The answer is complete before the request is. Most callers stop by themselves when they see it; a reset at once could
 * overtake the answer, so it comes a little later, and says that nothing is wrong (RFC 9113 §8.1).
 */
export function stopReading(stream: ServerHttp2Stream): void {
  stream.resume();
  const timer = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), lingerMs).unref();
  stream.once('close', () => clearTimeout(timer));
}
