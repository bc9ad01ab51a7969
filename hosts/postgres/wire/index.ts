// PostgreSQL's wire protocol 3.0: bytes to messages and back. No sockets, no policy.

export * from './bind.ts';
export * from './bodyless.ts';
export type { Text } from './body-writer.ts';
export * from './copy-data.ts';
export * from './describe.ts';
export * from './execute.ts';
export * from './frame-reader.ts';
export * from './function-call.ts';
export * from './message-types.ts';
export * from './parse.ts';
export * from './password.ts';
export * from './query.ts';
export * from './startup.ts';
export * from './startup-reader.ts';
export { WireError, type WireErrorCode } from './wire-error.ts';
