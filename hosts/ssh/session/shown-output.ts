// One stream of output on its way to the caller: masked, filtered, and recorded as it is shown.

import type { Writable } from 'node:stream';

import type { OutputEvidence, OutputMaskPlan } from '../output/index.ts';
import { StreamOutput } from '../output/index.ts';
import type { Asking } from './connected.ts';

/** After this long without output, what is held back as the beginning of a value is shown: a prompt may look like one. */
const quietMs = 200;

export interface ShownOutputOptions {
  readonly asking: Asking;
  readonly evidence: OutputEvidence;
  readonly stream: 'stdout' | 'stderr';
  readonly to: Writable;
  readonly masks: OutputMaskPlan | undefined;
}

export class ShownOutput {
  readonly #options: ShownOutputOptions;
  #output: StreamOutput;
  #quiet: NodeJS.Timeout | undefined;

  constructor(options: ShownOutputOptions) {
    this.#options = options;
    this.#output = this.#streamOutput(options.masks);
  }

  /** What is shown of a chunk, for the caller of this to write; it may be empty. */
  pass(chunk: Buffer): Buffer {
    const passed = this.#output.push(chunk);
    if (this.#output.isHolding) this.#flushLater();
    return this.#recorded(passed);
  }

  /** From here on other masks are in force. */
  mask(masks: OutputMaskPlan): void {
    this.end();
    this.#output = this.#streamOutput(masks);
  }

  /** Writes what was held back; nothing of what came before follows. */
  end(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
    this.#write(this.#output.end());
  }

  /** Only of a terminal may sequences be taken out: other output is for programs. */
  #streamOutput(plan: OutputMaskPlan | undefined): StreamOutput {
    const { connected, asker } = this.#options.asking;
    const { engine } = connected.services;
    const isFiltered = asker.pty && connected.terminalFilter;
    if (plan === undefined) return new StreamOutput({ isFiltered });
    const masks = {
      plan,
      mask: (...value: Parameters<typeof engine.mask>) => engine.mask(...value),
    };
    return new StreamOutput({ isFiltered, masks });
  }

  #flushLater(): void {
    if (this.#quiet !== undefined) {
      this.#quiet.refresh();
      return;
    }
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined;
      this.#write(this.#output.flush());
    }, quietMs);
  }

  #write(bytes: Buffer): void {
    const { to } = this.#options;
    if (bytes.length > 0 && to.writable) to.write(this.#recorded(bytes));
  }

  #recorded(bytes: Buffer): Buffer {
    const { evidence, stream } = this.#options;
    if (bytes.length > 0) evidence.push(stream, bytes);
    return bytes;
  }
}
