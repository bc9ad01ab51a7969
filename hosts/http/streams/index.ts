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
