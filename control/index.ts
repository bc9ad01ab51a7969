// The control plane of one gateway: HTTP over a Unix socket in its state directory, server and client.

export { callControl } from './client.ts';
export type { ControlReply, ControlRequest } from './client.ts';
export type { ApprovalView, ControlFailure, StatusView } from './protocol.ts';
export { ControlServer } from './server.ts';
export { controlSocket, isControlled } from './socket.ts';
