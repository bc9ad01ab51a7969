// What follows from the decisions on one thing that is asked for: no, or yes with masks, or yes after somebody's yes.

import type { Decision, Hold, MaskingRule } from '#engine';
import { mergeMasks } from '#engine';

import type { FileFacts } from '../files/index.ts';
import type { OutputMaskPlan } from '../output/index.ts';
import { planOutputMasks } from '../output/index.ts';
import type { Refusal } from '../refusal.ts';
import { refusalOf } from '../refusal.ts';

/** How far masks go: over text that a command writes, over nothing that is meant to stay as it is, or not needed. */
export type MaskReach = 'output' | 'none' | 'nothing-shown';

/** Of the content of files nothing can be masked; where none is read, there is nothing to mask. */
export const maskReachOf = (files: readonly FileFacts[]): MaskReach =>
  files.some(({ operation }) => operation === 'read' || operation === 'copy')
    ? 'none'
    : 'nothing-shown';

export type Ruling =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'open';
      /** Who must be asked first. */
      readonly demand: Hold | undefined;
      readonly masks: OutputMaskPlan | undefined;
    };

/** One denial denies; a mask that cannot be applied does, too. */
export function rulingOf(decisions: readonly Decision[], reach: MaskReach): Ruling {
  const denied = decisions.find(({ verdict }) => verdict === 'deny');
  if (denied !== undefined) return { kind: 'refused', refusal: refusalOf(denied) };
  const masks = masksOf(decisions);
  const demand = demandOf(decisions);
  if (masks.length === 0 || reach === 'nothing-shown') {
    return { kind: 'open', demand, masks: undefined };
  }
  const plan =
    reach === 'output'
      ? planOutputMasks(masks)
      : ({ kind: 'invalid', message: 'what passes here cannot be masked' } as const);
  if (plan.kind === 'plan') return { kind: 'open', demand, masks: plan };
  const refusal = {
    code: 'mask-unsupported',
    message: `masks are in force: ${plan.message}`,
    hint: 'the policy has to mask with {"detect": …}, and only EXEC and LINE',
    decision: decisions[0]?.id,
  } as const;
  return { kind: 'refused', refusal };
}

const masksOf = (decisions: readonly Decision[]): readonly MaskingRule[] =>
  mergeMasks(decisions.map((each) => (each.verdict === 'deny' ? [] : each.obligations.masks)));

/** All holds together: every requirement, the shortest time. */
function demandOf(decisions: readonly Decision[]): Hold | undefined {
  const holds = decisions.filter((each) => each.verdict === 'hold');
  const [first] = holds;
  if (first === undefined) return undefined;
  const requirements = holds.flatMap((each) => each.requirements);
  const ttlSeconds = Math.min(...holds.map((each) => each.ttlSeconds));
  return { ...first, requirements, ttlSeconds };
}
