// One stream of a program's output, from the target to the caller. Masks come first and the filter last: what a mask takes out
// may bring together, of what is left, a sequence that nobody sent.

import type { Mask } from '#engine/masking';
import type { OutputMaskPlan } from './mask-plan.ts';
import { OutputMasker } from './output-masker.ts';
import { TerminalFilter } from './terminal-filter.ts';

export interface StreamOutputOptions {
  readonly masks?: { readonly plan: OutputMaskPlan; readonly mask: Mask };
  readonly isFiltered: boolean;
}

export class StreamOutput {
  readonly #masker: OutputMasker | undefined;
  readonly #filter: TerminalFilter | undefined;

  constructor({ masks, isFiltered }: StreamOutputOptions) {
    this.#masker = masks === undefined ? undefined : new OutputMasker(masks.plan, masks.mask);
    this.#filter = isFiltered ? new TerminalFilter() : undefined;
  }

  /** What may go out, which may be nothing; the chunk is no longer the caller's. */
  push(chunk: Buffer): Buffer {
    return this.#filtered(this.#masker?.push(chunk) ?? chunk);
  }

  /** Whether the caller, when output was quiet for a moment, should flush. */
  get isHolding(): boolean {
    return this.#masker?.isHolding ?? false;
  }

  /** What may have become a value, had more come. */
  flush(): Buffer {
    return this.#filtered(this.#masker?.flush() ?? nothing);
  }

  /** The last of the stream. */
  end(): Buffer {
    const last = this.#filtered(this.#masker?.end() ?? nothing);
    return this.#filter === undefined ? last : Buffer.concat([last, this.#filter.end()]);
  }

  #filtered(output: Buffer): Buffer {
    return this.#filter?.push(output) ?? output;
  }
}

const nothing = Buffer.alloc(0);
