// Streams that outlive their request: WebSocket (RFC 6455) and gRPC over HTTP/2.

export { Sweep } from './sweep.ts';
export type { Swept } from './sweep.ts';
export { upgradeUpstream } from './upgrade.ts';
export type { UpgradeOptions, UpgradeOutcome } from './upgrade.ts';
export type { Direction, MessageFacts } from './websocket-messages.ts';
export type { MessageVerdict, PassageOptions, StreamMessage } from './websocket-passage.ts';
export type { PeerName } from './websocket-peer.ts';
export { WebSocketRelay } from './websocket-relay.ts';
export type { WebSocketEnd, WebSocketLimits, WebSocketRelayOptions } from './websocket-relay.ts';
export { refuseGrpc, stopReading } from './grpc-refusal.ts';
export type { GrpcRefusal } from './grpc-refusal.ts';
export { GrpcRelay } from './grpc-relay.ts';
export type { GrpcEnd, GrpcLimits, GrpcRelayOptions } from './grpc-relay.ts';
export { resetStream, respondHttp2 } from './http2-cut.ts';
export { failWhenCut, observeEnd, withoutPseudo } from './http2-response.ts';
export type { Http2ResponseHead, ObservedEnd } from './http2-response.ts';
export { Http2Sessions } from './http2-sessions.ts';
export type { Http2Limits, Http2Request, Http2SessionsOptions } from './http2-sessions.ts';
