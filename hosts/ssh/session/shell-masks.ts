// The masks of a guarded shell. Those of a line that ran stay in force: what it left in the background goes on writing.

import type { MaskingRule } from '#engine';
import { mergeMasks } from '#engine';

import type { OutputMaskPlan } from '../output/index.ts';
import { planOutputMasks } from '../output/index.ts';

export class ShellMasks {
  #inForce: readonly MaskingRule[] = [];

  /**
   * The masks from the next line on; undefined when they stay as they are.
   *
   * @throws Error when they cannot be applied together: nothing more may be shown then
   */
  add(plan: OutputMaskPlan | undefined): OutputMaskPlan | undefined {
    if (plan === undefined) return undefined;
    const merged = mergeMasks([this.#inForce, plan.rules]);
    if (JSON.stringify(merged) === JSON.stringify(this.#inForce)) return undefined;
    const together = planOutputMasks(merged);
    if (together.kind === 'invalid') throw new Error(together.message);
    this.#inForce = merged;
    return together;
  }
}
