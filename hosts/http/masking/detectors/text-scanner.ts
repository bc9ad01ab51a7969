// Replaces the values that detectors find in a stream of text. Each byte is looked at a bounded number of times, and the
// same text gives the same answer in whatever pieces it comes.

import { stricter } from '#engine/masking';
import type { MaskStrategy } from '#engine/model';
import { byteClass, endOfRun, type ChosenDetector, type Match, type Place } from './detector.ts';

export type Mask = (value: Buffer, strategy: MaskStrategy) => Buffer | null;

interface Finding extends Match {
  readonly strategy: MaskStrategy;
}

const nothing = Buffer.alloc(0);

/** The detectors of a plan, made ready once. */
export class TextDetectors {
  /** Whether a JSON number can be a finding. */
  readonly inNumbers: boolean;
  readonly triggers = new Uint8Array(256);
  readonly lookBehind: number;
  readonly #chosen: readonly ChosenDetector[];

  constructor(chosen: readonly ChosenDetector[]) {
    this.#chosen = chosen;
    this.inNumbers = chosen.some(({ detector }) => detector.inNumbers);
    this.lookBehind = Math.max(0, ...chosen.map(({ detector }) => detector.lookBehind));
    for (const { detector } of chosen) {
      for (const [byte, triggers] of detector.triggers.entries()) {
        if (triggers === 1) this.triggers[byte] = 1;
      }
    }
  }

  /** The longest value at a trigger; of two that are equally long, the stricter strategy. */
  findAt(place: Place): Finding | 'more' | undefined {
    let best: Finding | undefined;
    const trigger = place.text[place.at] ?? 0;
    for (const { detector, strategy } of this.#chosen) {
      if (detector.triggers[trigger] !== 1) continue;
      const match = detector.match(place);
      if (match === 'more') return 'more';
      if (match === undefined) continue;
      if (best === undefined || match.end > best.end) best = { ...match, strategy };
      else if (match.end === best.end)
        best = { ...best, strategy: stricter(best.strategy, strategy) };
    }
    return best;
  }
}

const never = byteClass();

export class TextScanner {
  readonly #detectors: TextDetectors;
  readonly #mask: Mask;
  readonly #fixed: Buffer;
  /** Text that may still become a value, or part of one. */
  #held: Buffer = nothing;
  /** The byte before it. */
  #before = 0;
  /** Bytes that belong to a value whose mask is out already. */
  #rest: Uint8Array = never;

  constructor(detectors: TextDetectors, mask: Mask) {
    this.#detectors = detectors;
    this.#mask = mask;
    this.#fixed = mask(nothing, 'fixed') ?? nothing;
  }

  /** All of a text, or undefined when nothing is found in it. The scanner must be fresh, and is again. */
  whole(text: Buffer): Buffer | undefined {
    const { triggers } = this.#detectors;
    let at = 0;
    while (at < text.length && triggers[text[at] ?? 0] === 0) at += 1;
    if (at === text.length) return undefined;
    const scanned = this.#scan(text, true);
    return scanned === text ? undefined : scanned;
  }

  push(text: Buffer): Buffer {
    return this.#scan(this.#join(text), false);
  }

  /** The last of the text; the scanner is fresh afterwards. */
  end(): Buffer {
    return this.#scan(this.#join(nothing), true);
  }

  #join(text: Buffer): Buffer {
    return this.#held.length === 0 ? text : Buffer.concat([this.#held, text]);
  }

  #scan(text: Buffer, final: boolean): Buffer {
    const { triggers, lookBehind } = this.#detectors;
    const pieces: Buffer[] = [];
    let floor = this.#skipRest(text, 0);
    let at = floor;
    let undecided = text.length;
    while (at < text.length) {
      if (triggers[text[at] ?? 0] === 0) {
        at += 1;
        continue;
      }
      const found = this.#detectors.findAt({ text, at, floor, before: this.#before, final });
      if (found === 'more') {
        undecided = at;
        break;
      }
      if (found === undefined) {
        at += 1;
        continue;
      }
      pieces.push(text.subarray(floor, found.start), this.#masked(text, found));
      this.#rest = found.rest ?? never;
      floor = at = this.#skipRest(text, found.end);
    }
    const released = final ? text.length : Math.max(floor, undecided - lookBehind);
    this.#hold(text, released, final);
    if (floor === 0 && released === text.length) return text;
    return Buffer.concat([...pieces, text.subarray(floor, released)]);
  }

  #masked(text: Buffer, { start, end, strategy, rest }: Finding): Buffer {
    if (rest === undefined) return this.#mask(text.subarray(start, end), strategy) ?? nothing;
    return strategy === 'null' ? nothing : this.#fixed;
  }

  #skipRest(text: Buffer, at: number): number {
    if (this.#rest === never) return at;
    const end = endOfRun(text, at, this.#rest, text.length);
    if (end < text.length) this.#rest = never;
    return end;
  }

  #hold(text: Buffer, released: number, final: boolean): void {
    if (final) {
      this.#before = 0;
      this.#rest = never;
      this.#held = nothing;
      return;
    }
    if (released > 0) this.#before = text[released - 1] ?? 0;
    this.#held = Buffer.from(text.subarray(released));
  }
}
