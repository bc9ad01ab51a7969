// What becomes of one value: under a strategy, holding JSON itself, or holding what a detector finds.

import { TextDetectors, TextScanner, type Mask } from '#engine/masking';
import { maskStrategies, type MaskStrategy } from '#engine/model';
import type { MaskLimits } from './body-limits.ts';
import { mayBeginJson, mayHoldJson } from './json-text.ts';
import type { MaskPlan } from './plan.ts';

export type { Mask };

/** What is done with a value that is too long to be held. */
export type LongValue = 'fixed' | 'scan' | 'keep';

const nothing = Buffer.alloc(0);
/** Longer numbers are none that a program writes: they are masked where a detector reads numbers. */
export const numberBytesMax = 64;
/** Shorter ones have too few digits, or almost all of them zeros. */
const numberBytesMin = 6;

export class ValueMasker {
  readonly limits: MaskLimits;
  /** Whether any mask names a field. */
  readonly hasFields: boolean;
  /** Whether texts outside of selected fields are searched. */
  readonly detects: boolean;
  readonly detectsNumbers: boolean;
  /** What `fixed` makes of any value. */
  readonly fixed: Buffer;
  readonly #mask: Mask;
  readonly #detectors: TextDetectors;
  readonly #scanner: TextScanner;

  constructor(plan: MaskPlan, mask: Mask, limits: MaskLimits) {
    this.limits = limits;
    this.#mask = mask;
    this.hasFields = plan.hasFields;
    this.#detectors = new TextDetectors(plan.detectors);
    this.detects = plan.detectors.length > 0;
    this.detectsNumbers = this.#detectors.inNumbers;
    this.fixed = mask(nothing, 'fixed') ?? nothing;
    this.#scanner = this.scanner();
  }

  /** For a text that comes in pieces. */
  scanner(): TextScanner {
    return new TextScanner(this.#detectors, this.#mask);
  }

  /** A selected value; null where nothing is left of it. `code` is a place in `maskStrategies` plus 1. */
  selected(text: Buffer, code: number): Buffer | null {
    return this.#mask(text, strategyOf(code));
  }

  /**
   * A text that no selector selects, or undefined when it stays. Selectors do not look into JSON inside a string, so that
   * is masked whole; detectors do, unless it hides characters behind escapes of its own.
   */
  found(text: Buffer): Buffer | undefined {
    if (mayHoldJson(text) && (this.hasFields || text.includes('\\u'))) return this.fixed;
    return this.detects ? this.#scanner.whole(text) : undefined;
  }

  /** A name, or undefined when it stays. */
  foundInName(name: Buffer): Buffer | undefined {
    return this.detects ? this.#scanner.whole(name) : undefined;
  }

  /** Whether a detector must look at the text `chunk[start, end)`, which has no escapes. */
  mayFind(chunk: Buffer, start: number, end: number): boolean {
    const part = { text: chunk, from: start, end, before: 0, final: true };
    return this.detects && this.#detectors.nextTrigger(part) !== -1;
  }

  /** Of a text that no selector selects and that is longer than `valueBytesMax`, by its beginning. */
  long(start: Buffer): LongValue {
    if (mayBeginJson(start)) return 'fixed';
    return this.detects ? 'scan' : 'keep';
  }

  /** Whether a JSON number, in whatever notation, is a finding. */
  isNumberFound(number: Buffer): boolean {
    if (number.length < numberBytesMin) return false;
    if (number.length > numberBytesMax) return true;
    const digits = integerDigits(number.toString('latin1'));
    return digits !== undefined && this.#scanner.whole(Buffer.from(digits)) !== undefined;
  }
}

/** 1 and 2 leave no trace of the value: it need not be held. */
export const leavesNoTrace = (code: number): boolean => code === 1 || code === 2;

export const strategyOf = (code: number): MaskStrategy => maskStrategies[code - 1] ?? 'null';

/** The digits of a number that has an integer value of a readable size: `4.2e1` is 42. */
const integerDigits = (number: string): string | undefined => {
  const parts = /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(number);
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  if (point <= 0 || point > numberBytesMax || /[1-9]/.test(digits.slice(point))) return undefined;
  return digits
    .slice(0, point)
    .padEnd(point, '0')
    .replace(/^0+(?=[0-9])/, '');
};
