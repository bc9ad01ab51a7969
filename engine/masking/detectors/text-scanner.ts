// Replaces the values that detectors find in a stream of text. Each byte is looked at a bounded number of times, and the
// same text gives the same answer in whatever pieces it comes.

import { stricter } from '../mask.ts';
import type { MaskStrategy } from '../../model/index.ts';
import {
  byteClass,
  endOfRun,
  type ChosenDetector,
  type Detector,
  type Match,
  type Place,
} from './detector.ts';

export type Mask = (value: Buffer, strategy: MaskStrategy) => Buffer | null;

interface Finding extends Match {
  readonly strategy: MaskStrategy;
}

const nothing = Buffer.alloc(0);

/** `text[from, end)` behind the byte `before`, 0 where there is none. */
export interface TextPart {
  readonly text: Buffer;
  readonly from: number;
  readonly end: number;
  readonly before: number;
  readonly final: boolean;
}

/** The detectors of a plan, made ready once. */
export class TextDetectors {
  /** Whether a JSON number can be a finding. */
  readonly inNumbers: boolean;
  readonly #lookBehind: number;
  /** 1 for the bytes that a value may have before its trigger. */
  readonly #behind = byteClass();
  /** 1 at `previous * 256 + byte`: a detector is asked at this byte. */
  readonly #asked = new Uint8Array(65_536);
  /** 1 at `byte * 256 + next`: a value may go on so behind its trigger. */
  readonly #pairs = new Uint8Array(65_536);
  /** Those that a byte triggers; undefined for most bytes. */
  readonly #triggered: readonly (readonly ChosenDetector[] | undefined)[];

  constructor(chosen: readonly ChosenDetector[]) {
    this.inNumbers = chosen.some(({ detector }) => detector.inNumbers);
    this.#lookBehind = Math.max(0, ...chosen.map(({ detector }) => detector.lookBehind));
    this.#triggered = Array.from({ length: 256 }, (_, byte) => {
      const triggered = chosen.filter(({ detector }) => detector.triggers[byte] === 1);
      return triggered.length === 0 ? undefined : triggered;
    });
    for (const { detector } of chosen) this.#add(detector);
  }

  #add({ triggers, seconds, notBehind, behind }: Detector): void {
    for (let byte = 0; byte < 256; byte += 1) {
      if (behind[byte] === 1) this.#behind[byte] = 1;
      if (triggers[byte] !== 1) continue;
      for (let other = 0; other < 256; other += 1) {
        if (notBehind[other] === 0) this.#asked[(other << 8) | byte] = 1;
        if (seconds[other] === 1) this.#pairs[(byte << 8) | other] = 1;
      }
    }
  }

  /** Where the next value may begin in `text[from, end)`, -1 for nowhere; behind `end` a text that is not `final` goes on. */
  nextTrigger({ text, from, end, before, final }: TextPart): number {
    const asked = this.#asked;
    const pairs = this.#pairs;
    let previous = before;
    for (let at = from; at < end; at += 1) {
      const byte = text[at] ?? 0;
      if (asked[(previous << 8) | byte] === 1) {
        const mayGoOn = at + 1 === end ? !final : pairs[(byte << 8) | (text[at + 1] ?? 0)] === 1;
        if (mayGoOn && (!final || this.#isRoom(byte, previous, end - at))) return at;
      }
      previous = byte;
    }
    return -1;
  }

  #isRoom(byte: number, previous: number, bytesLeft: number): boolean {
    for (const { detector } of this.#triggered[byte] ?? []) {
      if (bytesLeft >= detector.bytesMin && detector.notBehind[previous] === 0) return true;
    }
    return false;
  }

  /** The first byte of `text[floor, at)` from which a value may begin whose trigger is not before `at`. */
  earliestStart(text: Buffer, floor: number, at: number): number {
    const lowest = Math.max(floor, at - this.#lookBehind);
    let start = at;
    while (start > lowest && this.#behind[text[start - 1] ?? 0] === 1) start -= 1;
    return start;
  }

  /** The longest value at a trigger; of two that are equally long, the stricter strategy. */
  findAt(place: Place): Finding | 'more' | undefined {
    const { text, at, before } = place;
    const previous = at === 0 ? before : (text[at - 1] ?? 0);
    const next = text[at + 1];
    let best: Finding | undefined;
    for (const { detector, strategy } of this.#triggered[text[at] ?? 0] ?? []) {
      if (detector.notBehind[previous] === 1) continue;
      if (next !== undefined && detector.seconds[next] !== 1) continue;
      const match = detector.match(place);
      if (match === 'more') return 'more';
      if (match === undefined) continue;
      if (best === undefined || match.end > best.end) best = { ...match, strategy };
      else if (match.end === best.end) {
        best = { ...best, strategy: stricter(best.strategy, strategy) };
      }
    }
    return best;
  }
}

const never = byteClass();

/** In place of `taken` bytes, from offset `at` of the stream on, `put` bytes came out. */
export interface Cut {
  readonly at: number;
  readonly taken: number;
  readonly put: number;
}

const noCuts: readonly Cut[] = [];

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
  /** Of the first held byte, in the stream. */
  #offset = 0;
  #cuts: readonly Cut[] = noCuts;

  constructor(detectors: TextDetectors, mask: Mask) {
    this.#detectors = detectors;
    this.#mask = mask;
    this.#fixed = mask(nothing, 'fixed') ?? nothing;
  }

  /** All of a text, or undefined when nothing is found in it. The scanner must be fresh, and is again. */
  whole(text: Buffer): Buffer | undefined {
    const part = { text, from: 0, end: text.length, before: 0, final: true };
    if (this.#detectors.nextTrigger(part) === -1) return undefined;
    const scanned = this.#scan(text, true);
    this.#renew();
    return scanned === text ? undefined : scanned;
  }

  push(text: Buffer): Buffer {
    return this.#scan(this.#join(text), false);
  }

  /** What is held, as if nothing came behind it; more text may follow. */
  flush(): Buffer {
    return this.#scan(this.#join(nothing), true);
  }

  /** The last of the text; the scanner is fresh afterwards. */
  end(): Buffer {
    const last = this.flush();
    this.#renew();
    return last;
  }

  get heldBytes(): number {
    return this.#held.length;
  }

  /** How much of the stream the answers so far stand for. */
  get offset(): number {
    return this.#offset;
  }

  /** Where the last answer differs from what it stands for. */
  get cuts(): readonly Cut[] {
    return this.#cuts;
  }

  #join(text: Buffer): Buffer {
    return this.#held.length === 0 ? text : Buffer.concat([this.#held, text]);
  }

  #scan(text: Buffer, final: boolean): Buffer {
    const pieces: Buffer[] = [];
    const cuts: Cut[] = [];
    let floor = this.#skipRest(text, 0);
    if (floor > 0) cuts.push({ at: this.#offset, taken: floor, put: 0 });
    let at = this.#nextTrigger(text, floor, final);
    let undecided = text.length;
    while (at !== -1) {
      const found = this.#detectors.findAt({ text, at, floor, before: this.#before, final });
      if (found === 'more') {
        undecided = at;
        break;
      }
      if (found === undefined) {
        at = this.#nextTrigger(text, at + 1, final);
        continue;
      }
      const masked = this.#masked(text, found);
      pieces.push(text.subarray(floor, found.start), masked);
      this.#rest = found.rest ?? never;
      floor = this.#skipRest(text, found.end);
      const taken = floor - found.start;
      cuts.push({ at: this.#offset + found.start, taken, put: masked.length });
      at = this.#nextTrigger(text, floor, final);
    }
    const released = final ? text.length : this.#detectors.earliestStart(text, floor, undecided);
    this.#cuts = cuts;
    this.#hold(text, released);
    if (floor === 0 && released === text.length) return text;
    return Buffer.concat([...pieces, text.subarray(floor, released)]);
  }

  #nextTrigger(text: Buffer, from: number, final: boolean): number {
    const before = from === 0 ? this.#before : (text[from - 1] ?? 0);
    return this.#detectors.nextTrigger({ text, from, end: text.length, before, final });
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

  #hold(text: Buffer, released: number): void {
    this.#offset += released;
    if (released > 0) this.#before = text[released - 1] ?? 0;
    this.#held = released === text.length ? nothing : Buffer.from(text.subarray(released));
  }

  #renew(): void {
    this.#offset = 0;
    this.#before = 0;
    this.#rest = never;
  }
}
