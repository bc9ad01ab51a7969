// What becomes of the output of programs on its way to the caller and into the recording. Pure: bytes in, bytes out.

export { OutputEvidence } from './evidence.ts';
export type { EvidenceOptions, EvidenceRecorder, RecordedStream } from './evidence.ts';
export { planOutputMasks } from './mask-plan.ts';
export type { InvalidOutputMasks, OutputMaskPlan } from './mask-plan.ts';
export { OutputMasker } from './output-masker.ts';
export { StreamOutput } from './stream-output.ts';
export type { StreamOutputOptions } from './stream-output.ts';
export { TerminalFilter, terminalReset } from './terminal-filter.ts';
