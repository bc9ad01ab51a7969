// Masks what detectors find in one stream of a program's output. Hygiene against values shown by accident, not a boundary:
// whoever may run commands can also encode what they print.

import { TextScanner, type Mask } from '#engine/masking';
import { ColourFold } from './colour-fold.ts';
import { sequenceAt } from './control-sequences.ts';
import type { OutputMaskPlan } from './mask-plan.ts';

const nothing = Buffer.alloc(0);
const escape = 0x1b;

/**
 * One for each stream: stdout and stderr are separate texts. Whatever the chunks, the same bytes come out, but for where
 * the caller flushes. Held back is only what may still become a value, at most some 16 KiB of it. Control sequences pass as
 * they are: colours may stand inside a value, any other ends it.
 */
export class OutputMasker {
  readonly #scanner: TextScanner;
  readonly #colours = new ColourFold();
  /** The beginning of a control sequence. */
  #partial: Buffer = nothing;

  /** `mask`: the engine's. */
  constructor({ detectors }: OutputMaskPlan, mask: Mask) {
    this.#scanner = new TextScanner(detectors, mask);
  }

  /** The chunk belongs to the masker, the answer to the caller; it may be empty while a value waits for its end. */
  push(chunk: Buffer): Buffer {
    if (this.#partial.length > 0) return this.#split(Buffer.concat([this.#partial, chunk]));
    if (!this.#colours.isEmpty || chunk.includes(escape)) return this.#split(chunk);
    this.#colours.passBy(chunk.length);
    return this.#scanner.push(chunk);
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
    return Buffer.concat([this.flush(), this.#partial]);
  }

  #split(input: Buffer): Buffer {
    const output: Buffer[] = [];
    let texts: Buffer[] = [];
    let done = 0;
    let at = input.indexOf(escape);
    while (at !== -1) {
      this.#addText(texts, input.subarray(done, at));
      done = at;
      const end = sequenceAt(input, at)?.end;
      if (end === undefined) break;
      const sequence = input.subarray(at, end);
      if (!this.#colours.take(sequence)) {
        output.push(this.#scan(texts), this.#endText(), sequence);
        texts = [];
      }
      done = end;
      at = input.indexOf(escape, end);
    }
    if (at === -1) this.#addText(texts, input.subarray(done));
    this.#partial = at === -1 ? nothing : Buffer.from(input.subarray(at));
    output.push(this.#scan(texts));
    return Buffer.concat(output);
  }

  #addText(texts: Buffer[], text: Buffer): void {
    this.#colours.passBy(text.length);
    texts.push(text);
  }

  #scan(texts: readonly Buffer[]): Buffer {
    return this.#coloured(() => this.#scanner.push(Buffer.concat(texts)));
  }

  #endText(): Buffer {
    const last = this.flush();
    this.#scanner.end();
    this.#colours.renew();
    return last;
  }

  #coloured(scan: () => Buffer): Buffer {
    const from = this.#scanner.offset;
    const text = scan();
    return this.#colours.putBack(text, from, this.#scanner.offset, this.#scanner.cuts);
  }
}
