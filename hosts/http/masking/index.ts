// Masks bodies of HTTP responses as they pass. Pure: bytes in, bytes out.

export { bodyMasker } from './body-masker.ts';
export type { BodyMasker, Unmaskable } from './masker.ts';
export { defaultMaskLimits } from './body-limits.ts';
export type { MaskLimits } from './body-limits.ts';
export { parseMediaType } from './media-type.ts';
export { MaskError } from './mask-error.ts';
export type { MaskErrorCode } from './mask-error.ts';
export { planMasks } from './plan.ts';
export type { HttpMask, InvalidMasks, MaskPlan } from './plan.ts';
export { contentDecoder, defaultDecodeLimits } from './content-decoder.ts';
export type { DecodeLimits } from './content-decoder.ts';
