// Masks what detectors find in one stream of a program's output. Hygiene against values shown by accident, not a boundary:
// whoever may run commands can also encode what they print.

import { TextScanner, type Mask } from '#engine/masking';
import { ColourFold } from './colour-fold.ts';
import type { OutputMaskPlan } from './mask-plan.ts';

const escape = 0x1b;

/**
 * One for each stream: stdout and stderr are separate texts. Whatever the chunks, the same bytes come out, but for where
 * the caller flushes. Held back is only what may still become a value, at most some 16 KiB of it.
 */
export class OutputMasker {
  readonly #scanner: TextScanner;
  readonly #colours = new ColourFold();

  /** `mask`: the engine's. */
  constructor({ detectors }: OutputMaskPlan, mask: Mask) {
    this.#scanner = new TextScanner(detectors, mask);
  }

  /** The chunk belongs to the masker, the answer to the caller; it may be empty while a value waits for its end. */
  push(chunk: Buffer): Buffer {
    if (this.#colours.isEmpty && !chunk.includes(escape)) {
      this.#colours.skip(chunk.length);
      return this.#scanner.push(chunk);
    }
    return this.#coloured(() => this.#scanner.push(this.#colours.take(chunk)));
  }

  /** Whether the caller, after a quiet time, should flush: a prompt may end in what looks like the beginning of a value. */
  get isHolding(): boolean {
    return this.#scanner.heldBytes > 0;
  }

  /** What is held, as if nothing followed. A value that a pause parts is not found. */
  flush(): Buffer {
    return this.#coloured(() => this.#scanner.flush());
  }

  /** The last of the output; nothing may be pushed afterwards. */
  end(): Buffer {
    const beginning = this.#colours.takeLast();
    const last = this.#coloured(() => this.#scanner.push(beginning));
    return Buffer.concat([last, this.flush()]);
  }

  #coloured(scan: () => Buffer): Buffer {
    const from = this.#scanner.offset;
    const text = scan();
    return this.#colours.putBack(text, from, this.#scanner.offset, this.#scanner.cuts);
  }
}
