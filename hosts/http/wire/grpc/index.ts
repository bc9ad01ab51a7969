// gRPC over HTTP/2 as names, numbers and framing. No sockets, no policy.

export { grpcPath } from './grpc-path.ts';
export type { GrpcMethod } from './grpc-path.ts';
export {
  encodeGrpcMessage,
  grpcStatus,
  isGrpcType,
  statusOf,
  statusOfHttp,
} from './grpc-status.ts';
export type { RawFields } from './grpc-status.ts';
export { grpcTimeoutMs } from './grpc-timeout.ts';
export { GrpcMessageCounter, GrpcMessageError } from './message-counter.ts';
export type { GrpcRule } from './message-counter.ts';
