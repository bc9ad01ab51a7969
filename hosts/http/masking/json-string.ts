// One string of a JSON stream, RFC 8259 §7, that could not be passed at a glance: it is cut by a chunk's end, has escapes,
// or something may have to be masked in it.

import type { TextScanner } from '#engine/masking';
import type { NameTable } from './name-table.ts';
import {
  escapeText,
  isHighSurrogate,
  isLowSurrogate,
  plainBytes,
  shortEscapes,
  unescapeText,
} from './json-text.ts';
import { MaskError } from './mask-error.ts';
import type { Passage } from './passage.ts';
import { leavesNoTrace, type ValueMasker } from './value-masker.ts';

/** `keep`: goes out as it is read. `hold`: waits for its end. `drop`: is replaced. `scan`: too long to wait, searched. */
type Mode = 'keep' | 'hold' | 'drop' | 'scan';

/** Inside an escape: behind `\`, at hex digits 1 to 4, before the `\` and the `u` of a low surrogate. */
const plain = 0;
const escape = 1;
const hexFirst = 2;
const hexLast = 5;
const pairBackslash = 6;
const pairLetter = 7;

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;
const fixedCode = 2;
const jsonNull = Buffer.from('null');
const quoteBytes = Buffer.from('"');

export class JsonString {
  readonly #passage: Passage;
  readonly #values: ValueMasker;
  readonly #names: NameTable;
  readonly #scanner: TextScanner;
  #mode: Mode = 'keep';
  #isName = false;
  /** Of the value: a strategy's code, 0 for none. */
  #code = 0;
  #stage = plain;
  #unit = 0;
  #high = 0;
  /** Where the name that was read last stands among those that selectors look for. */
  place: number;

  constructor(passage: Passage, values: ValueMasker, names: NameTable) {
    this.#passage = passage;
    this.#values = values;
    this.#names = names;
    this.#scanner = values.scanner();
    this.place = names.none;
  }

  /** The passage stands at the quote; nothing of the string needs to be looked at. */
  openKept(): void {
    this.#open('keep', false, 0);
  }

  openName(): void {
    this.#open('hold', true, 0);
  }

  openValue(code: number): void {
    this.#open(leavesNoTrace(code) ? 'drop' : 'hold', false, code);
  }

  #open(mode: Mode, isName: boolean, code: number): void {
    const passage = this.#passage;
    if (mode !== 'keep') passage.begin(passage.at);
    passage.at += 1;
    this.#mode = mode;
    this.#isName = isName;
    this.#code = code;
  }

  /** Reads on to the string's end, answers true, or to the chunk's. */
  read(): boolean {
    const passage = this.#passage;
    const { chunk } = passage;
    let { at } = passage;
    while (at < chunk.length) {
      if (this.#stage !== plain) {
        this.#readEscape(chunk[at++] ?? 0);
        continue;
      }
      const from = at;
      while (at < chunk.length && plainBytes[chunk[at] ?? 0] === 1) at += 1;
      if (this.#mode === 'scan' && at > from) this.#scan(chunk.subarray(from, at), at);
      if (at === chunk.length) break;
      const byte = chunk[at++];
      if (byte === quote) {
        passage.at = at;
        this.#finish(at);
        return true;
      }
      if (byte !== backslash) throw malformed('control character in a string');
      this.#stage = escape;
    }
    passage.at = at;
    this.#pause();
    return false;
  }

  #readEscape(byte: number): void {
    if (this.#stage === escape) {
      const character = shortEscapes[byte] ?? 0;
      if (byte === letterU) this.#stage = hexFirst;
      else if (character === 0) throw malformed('unknown escape');
      else this.#endEscape(character);
    } else if (this.#stage <= hexLast) {
      this.#readHexDigit(byte);
    } else {
      const expected = this.#stage === pairBackslash ? backslash : letterU;
      if (byte !== expected) throw malformed('half of a surrogate pair');
      this.#stage = this.#stage === pairBackslash ? pairLetter : hexFirst;
    }
  }

  #readHexDigit(byte: number): void {
    const digit = hexDigit(byte);
    if (digit === -1) throw malformed('unknown escape');
    this.#unit = (this.#unit << 4) | digit;
    this.#stage += 1;
    if (this.#stage <= hexLast) return;
    const unit = this.#unit;
    this.#unit = 0;
    if (isLowSurrogate(unit) !== (this.#high !== 0)) throw malformed('half of a surrogate pair');
    if (isHighSurrogate(unit)) {
      this.#high = unit;
      this.#stage = pairBackslash;
    } else if (this.#high !== 0) {
      this.#endEscape(this.#high, unit);
    } else {
      this.#endEscape(unit);
    }
  }

  #endEscape(unit: number, low?: number): void {
    this.#stage = plain;
    this.#high = 0;
    if (this.#mode !== 'scan') return;
    const text = low === undefined ? String.fromCharCode(unit) : String.fromCharCode(unit, low);
    this.#scan(Buffer.from(text), this.#passage.at);
  }

  #scan(text: Buffer, end: number): void {
    this.#passage.replace(escapeText(this.#scanner.push(text)), end);
  }

  #pause(): void {
    const passage = this.#passage;
    if (this.#mode === 'drop') passage.drop();
    if (this.#mode === 'scan') passage.replace(nothing, passage.at);
    if (this.#mode !== 'hold') return;
    passage.hold();
    if (passage.tokenBytes(0) - 1 > this.#values.limits.valueBytesMax) this.#letGo();
  }

  /** What is held is too much to be held on. */
  #letGo(): void {
    const passage = this.#passage;
    if (this.#isName) throw nameTooLong();
    const inner = passage.token(0).subarray(1);
    const verdict = this.#longVerdict(inner);
    if (verdict === 'fixed') {
      this.#mode = 'drop';
      this.#code = fixedCode;
      passage.drop();
    } else if (verdict === 'keep') {
      this.#mode = 'keep';
      passage.keep();
    } else {
      this.#mode = 'scan';
      const start = escapeText(this.#scanner.push(unescapeText(inner)));
      passage.replace(Buffer.concat([quoteBytes, start]), passage.at);
    }
  }

  #longVerdict(inner: Buffer): 'fixed' | 'keep' | 'scan' {
    if (this.#code !== 0) return 'fixed';
    return this.#values.long(unescapeText(inner.subarray(0, this.#values.limits.valueBytesMax)));
  }

  /** `end` is past the closing quote. */
  #finish(end: number): void {
    const passage = this.#passage;
    if (this.#mode === 'keep') return;
    if (this.#mode === 'drop') {
      if (this.#code === fixedCode) passage.replaceText(this.#values.fixed, end);
      else passage.replace(jsonNull, end);
    } else if (this.#mode === 'scan') {
      passage.replace(Buffer.concat([escapeText(this.#scanner.end()), quoteBytes]), end);
    } else {
      this.#finishHeld(passage.inner(end), end);
    }
  }

  #finishHeld(inner: Buffer, end: number): void {
    const passage = this.#passage;
    const replaced = this.#replacement(inner);
    if (replaced === undefined) passage.keep();
    else if (replaced === null) passage.replace(jsonNull, end);
    else passage.replaceText(replaced, end);
  }

  #replacement(inner: Buffer): Buffer | null | undefined {
    if (inner.length > this.#values.limits.valueBytesMax) return this.#longReplacement(inner);
    const text = unescapeText(inner);
    if (this.#isName) {
      this.place = this.#names.placeOf(text.toString('utf8'));
      return this.#values.foundInName(text);
    }
    if (this.#code === 0) return this.#values.found(text);
    return this.#values.selected(text, this.#code);
  }

  /** The same as when it had come in pieces. */
  #longReplacement(inner: Buffer): Buffer | undefined {
    if (this.#isName) throw nameTooLong();
    const verdict = this.#longVerdict(inner);
    if (verdict === 'keep') return undefined;
    if (verdict === 'fixed') return this.#values.fixed;
    return Buffer.concat([this.#scanner.push(unescapeText(inner)), this.#scanner.end()]);
  }
}

const nothing = Buffer.alloc(0);

const hexDigit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

const malformed = (message: string): MaskError => new MaskError('json-malformed', message);

const nameTooLong = (): MaskError =>
  new MaskError('json-name-too-long', 'name of a member is too long to be compared');
