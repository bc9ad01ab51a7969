// Recordings: the evidence of what was asked, decided and done.

export { decisionEntry, decisionText, holdOutcomeEntry, sessionStart } from './entries.ts';
export { entryText } from './entry.ts';
export type { EntryText } from './entry.ts';
export { listRecordings, readRecording, verifyRecording } from './read.ts';
export type { Entry, Recording, Verification } from './read.ts';
export { SessionRecorder, fileSink } from './recorder.ts';
export type { RecordedEntry, RecordingSink } from './recorder.ts';
