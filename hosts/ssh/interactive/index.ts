// Interactive sessions over SSH: guarded shell and recorded terminal. Streams and judging are given; no engine.

export type { EndedLine } from './conversation.ts';
export { GuardedShell } from './guarded-shell.ts';
export type {
  GuardedEnd,
  GuardedLine,
  GuardedShellOptions,
  JudgeLine,
  LineVerdict,
  LineWatch,
} from './guarded-shell.ts';
export { LineEditor } from './line-editor.ts';
export type { EditorEvent, EditorStep } from './line-editor.ts';
export { RecordedPty } from './recorded-pty.ts';
export type { RecordedPtyOptions } from './recorded-pty.ts';
export { ScreenHints } from './screen-hints.ts';
export type { ScreenHint } from './screen-hints.ts';
export type { StartRule } from './shell-start.ts';
export { stateChanges, stateRules } from './state-changes.ts';
export type { StateFacts, StateRule } from './state-changes.ts';
export type { TargetShell } from './target-script.ts';
export type { ClientStreams, OpenChannel, TargetChannel } from './terminal.ts';
