// Masks plain text by detectors alone.

import type { TextScanner } from '#engine/masking';
import type { BodyMasker } from './masker.ts';
import { Utf8Check } from './utf8-check.ts';
import type { ValueMasker } from './value-masker.ts';

export class TextMasker implements BodyMasker {
  readonly #scanner: TextScanner;
  readonly #utf8 = new Utf8Check();

  constructor(values: ValueMasker) {
    this.#scanner = values.scanner();
  }

  push(chunk: Buffer): Buffer {
    this.#utf8.push(chunk);
    return this.#scanner.push(chunk);
  }

  end(): Buffer {
    this.#utf8.end();
    return this.#scanner.end();
  }
}
