// Masking strategies, pure.

export { maskText, mergeMasks, stricter } from './mask.ts';
