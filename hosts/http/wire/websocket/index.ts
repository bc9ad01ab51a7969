// WebSocket (RFC 6455) as bytes: frames, messages, the opening handshake. No sockets, no policy.

export { decodeClosePayload, encodeClosePayload } from './close.ts';
export type { Close } from './close.ts';
export { encodeFrame, opcodes } from './frame.ts';
export type { Opcode, OutgoingFrame } from './frame.ts';
export { FrameReader } from './frame-reader.ts';
export type { Frame, FrameReaderOptions, MessagePiece, MessageType } from './frame-reader.ts';
export { FrameError } from './frame-rules.ts';
export type { FrameRule } from './frame-rules.ts';
export { acceptKey, encodeUpgradeResponse } from './handshake.ts';
export type { UpgradeAnswer } from './handshake.ts';
export { MessageAssembler } from './message-assembler.ts';
export type { Message } from './message-assembler.ts';
export { readUpgradeHead, upgradeRules } from './upgrade-response.ts';
export type { AskedUpgrade, UpgradeHead, UpgradeRule } from './upgrade-response.ts';
