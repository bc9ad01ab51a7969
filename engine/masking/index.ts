// Masking strategies, and the detectors that find values in text. Pure.

export { maskInto, maskText, mergeInfer, mergeMasks, stricter } from './mask.ts';
export type { ByteRange, ByteSink } from './mask.ts';
export { detectors } from './detectors/registry.ts';
export { byteClass } from './detectors/detector.ts';
export type { ChosenDetector } from './detectors/detector.ts';
export { TextDetectors, TextScanner } from './detectors/text-scanner.ts';
export type { Cut, Mask } from './detectors/text-scanner.ts';
