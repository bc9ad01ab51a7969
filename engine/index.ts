// The door of the engine.

export * from './model/index.ts';
export { loadConfig } from './config/index.ts';
export type {
  Config,
  HttpCredentialConfig,
  HttpEndpoint,
  HttpTargetConfig,
  PostgresTargetConfig,
  SshCredentialConfig,
  SshHostTrust,
  SshTargetConfig,
  TargetConfig,
} from './config/index.ts';
export { Engine } from './engine.ts';
export type { PolicyStatus } from './engine.ts';
export { createToken } from './identity/index.ts';
export type { Authenticated, CredentialId } from './identity/index.ts';
export type { HeldStatement, HoldOutcome, OpenHold } from './approval/index.ts';
export { errorFields, jsonLog } from './log.ts';
export type { OperatorLog } from './log.ts';
export { mergeInfer, mergeMasks, stricter } from './masking/index.ts';
export { Compiler, PolicyEngine, inputDocument, mergeBudgets, readBundle } from './policy/index.ts';
export type { Diagnostic, LoadOutcome, PolicyFile } from './policy/index.ts';
export {
  decisionEntry,
  decisionText,
  entryText,
  holdOutcomeEntry,
  listRecordings,
  readRecording,
  verifyRecording,
} from './recording/index.ts';
export type {
  Entry,
  EntryText,
  RecordedEntry,
  Recording,
  SessionRecorder,
  Verification,
} from './recording/index.ts';
export { readSecret } from './secrets/index.ts';
export type { Secret, SecretSource } from './secrets/index.ts';
export { version } from './version.ts';
