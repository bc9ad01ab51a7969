import { describe, expect, it } from '@jest/globals';

import type { MaskingRule } from '#engine';

import type { OutputMaskPlan } from '../../../../hosts/ssh/output/index.ts';
import { planOutputMasks } from '../../../../hosts/ssh/output/index.ts';
import { ShellMasks } from '../../../../hosts/ssh/session/shell-masks.ts';

const emails = { detect: 'email', strategy: 'partial' } as const;
const cards = { detect: 'card', strategy: 'fixed' } as const;

function planOf(...masks: readonly MaskingRule[]): OutputMaskPlan {
  const plan = planOutputMasks(masks);
  if (plan.kind === 'invalid') throw new Error(plan.message);
  return plan;
}

describe('the masks of a guarded shell', () => {
  it('stay in force for the lines after the one that they are for', () => {
    const masks = new ShellMasks();
    expect(masks.add(planOf(emails))?.rules).toEqual([emails]);
    expect(masks.add(undefined)).toBeUndefined();
    expect(masks.add(planOf(cards))?.rules).toEqual([emails, cards]);
  });

  it('take the strictest of what lines ask for', () => {
    const masks = new ShellMasks();
    masks.add(planOf(emails));
    expect(masks.add(planOf({ ...emails, strategy: 'fixed' }))?.rules).toEqual([
      { ...emails, strategy: 'fixed' },
    ]);
    expect(masks.add(planOf(emails))).toBeUndefined();
  });
});
