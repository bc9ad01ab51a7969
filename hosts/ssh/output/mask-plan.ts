// What policies ask to be masked in the output of programs, compiled once for each list.

import { TextDetectors, detectors, type ChosenDetector } from '#engine/masking';
import type { MaskingRule } from '#engine/model';

export interface OutputMaskPlan {
  readonly kind: 'plan';
  /** What it was made of. */
  readonly rules: readonly MaskingRule[];
  readonly detectors: TextDetectors;
}

/** Nothing may be put out under such masks: the answer must be a denial. */
export interface InvalidOutputMasks {
  readonly kind: 'invalid';
  readonly message: string;
}

const masksMax = 256;

/** Output has neither columns nor members: a mask that names one cannot be applied. */
export const planOutputMasks = (
  masks: readonly MaskingRule[],
): OutputMaskPlan | InvalidOutputMasks => {
  if (masks.length > masksMax) return invalid(`more than ${masksMax} masks`);
  const chosen: ChosenDetector[] = [];
  for (const mask of masks) {
    if ('column' in mask) return invalid(`output has no column ${mask.column}`);
    if ('field' in mask) return invalid(`output has no member ${mask.field}`);
    const named = detectors.get(mask.detect);
    if (named === undefined) return invalid(`no detector ${mask.detect}`);
    chosen.push(...named.map((detector) => ({ detector, strategy: mask.strategy })));
  }
  return { kind: 'plan', rules: masks, detectors: new TextDetectors(chosen) };
};

const invalid = (message: string): InvalidOutputMasks => ({ kind: 'invalid', message });
