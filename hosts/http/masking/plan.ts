// What policies ask to be masked in a body, compiled once for each list.

import { detectors, type ChosenDetector } from '#engine/masking';
import type { MaskStrategy } from '#engine/model';
import { buildAutomaton, type Automaton, type SelectedField } from './automaton.ts';
import { parseSelector } from './selector.ts';

export type HttpMask =
  | { readonly field: string; readonly strategy: MaskStrategy }
  | { readonly detect: string; readonly strategy: MaskStrategy };

export interface MaskPlan {
  readonly kind: 'plan';
  /** Whether any mask names a field. */
  readonly hasFields: boolean;
  readonly automaton: Automaton;
  readonly detectors: readonly ChosenDetector[];
}

/** Nothing may be sent under such masks: the answer must be a denial. */
export interface InvalidMasks {
  readonly kind: 'invalid';
  readonly message: string;
}

export const masksMax = 256;

export const planMasks = (masks: readonly HttpMask[]): MaskPlan | InvalidMasks => {
  if (masks.length > masksMax) return invalid(`more than ${masksMax} masks`);
  const fields: SelectedField[] = [];
  const chosen: ChosenDetector[] = [];
  for (const mask of masks) {
    if ('field' in mask) {
      const selector = parseSelector(mask.field);
      if ('message' in selector) return invalid(`${mask.field}: ${selector.message}`);
      fields.push({ selector, strategy: mask.strategy });
    } else {
      const named = detectors.get(mask.detect);
      if (named === undefined) return invalid(`no detector ${mask.detect}`);
      chosen.push(...named.map((detector) => ({ detector, strategy: mask.strategy })));
    }
  }
  const automaton = buildAutomaton(fields);
  if (automaton === undefined) return invalid('selectors have too many states together');
  return { kind: 'plan', hasFields: fields.length > 0, automaton, detectors: chosen };
};

const invalid = (message: string): InvalidMasks => ({ kind: 'invalid', message });
