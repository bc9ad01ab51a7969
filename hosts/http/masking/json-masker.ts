// Masks JSON (RFC 8259) byte by byte as it passes: strict about its grammar, memory by its depth, and every byte outside
// of a masked value goes out as it came.

import type { Automaton } from './automaton.ts';
import type { BodyMasker } from './masker.ts';
import {
  isNumberEnd,
  numberStart,
  stepNumber,
  takesDigits,
  type NumberState,
} from './json-number.ts';
import { JsonString } from './json-string.ts';
import { endOfPlain, endOfPlainValue } from './json-plain.ts';
import { mayOpenJson, plainAscii, plainBytes } from './json-text.ts';
import { MaskError } from './mask-error.ts';
import { Passage } from './passage.ts';
import { SeenNames } from './seen-names.ts';
import { Utf8Check } from './utf8-check.ts';
import { numberBytesMax, type ValueMasker } from './value-masker.ts';

/** What may come next. */
const wantsValue = 0;
const wantsElementOrEnd = 1;
const wantsNameOrEnd = 2;
const wantsName = 3;
const wantsColon = 4;
const wantsNext = 5;
const wantsNothing = 6;
/** Inside a token that the chunk before has begun, or that cannot be passed at a glance. */
const inName = 7;
const inString = 8;
const inNumber = 9;
const inLiteral = 10;

const inObject = 1;
const inArray = 2;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const isSpace: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  [0x20, 0x09, 0x0a, 0x0d].includes(byte) ? 1 : 0,
);
const literals = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), word]));
const jsonNull = Buffer.from('null');
const nothing = Buffer.alloc(0);

export class JsonMasker implements BodyMasker {
  readonly #automaton: Automaton;
  readonly #values: ValueMasker;
  readonly #passage = new Passage();
  readonly #string: JsonString;
  readonly #utf8 = new Utf8Check();
  readonly #root: number;

  #wants = wantsValue;
  /** The automaton's state of the value that comes or is open. */
  #state: number;
  #depth = 0;
  readonly #kinds: Uint8Array;
  readonly #states: Uint16Array;
  readonly #indexes: Float64Array;
  readonly #seen: SeenNames;

  #number: NumberState = numberStart;
  #isLongNumber = false;
  #literal = '';
  #literalAt = 0;

  /** `root`: the automaton's state of a document. */
  constructor(automaton: Automaton, values: ValueMasker, root: number) {
    this.#automaton = automaton;
    this.#values = values;
    this.#string = new JsonString(this.#passage, values, automaton.names);
    this.#root = this.#state = root;
    const depths = values.limits.depthMax + 1;
    this.#kinds = new Uint8Array(depths);
    this.#states = new Uint16Array(depths);
    this.#indexes = new Float64Array(depths);
    this.#seen = new SeenNames(automaton.names.size, values.limits.depthMax);
  }

  push(chunk: Buffer): Buffer {
    this.#utf8.push(chunk);
    const passage = this.#passage;
    passage.open(chunk);
    while (passage.at < chunk.length) this.#step(chunk);
    return passage.close();
  }

  /** The masker is fresh afterwards, for another document. */
  end(): Buffer {
    this.#utf8.end();
    this.#passage.open(nothing);
    if (this.#wants === inNumber) this.#endNumber(0);
    const isEmpty = this.#wants === wantsValue && this.#depth === 0;
    if (this.#wants !== wantsNothing && !isEmpty) throw malformed('document ends early');
    this.#wants = wantsValue;
    this.#state = this.#root;
    return this.#passage.close();
  }

  #step(chunk: Buffer): void {
    const passage = this.#passage;
    const byte = chunk[passage.at] ?? 0;
    if (this.#wants >= inName) {
      this.#readToken(chunk);
    } else if (isSpace[byte] === 1) {
      passage.at = endOfPlain(chunk, passage.at + 1, isSpace);
    } else {
      this.#read(byte, chunk);
    }
  }

  #readToken(chunk: Buffer): void {
    switch (this.#wants) {
      case inName:
        if (this.#string.read()) this.#endName(this.#string.place);
        return;
      case inString:
        if (this.#string.read()) this.#endValue();
        return;
      case inNumber:
        return this.#readNumber(chunk);
      default:
        return this.#readLiteral(chunk);
    }
  }

  #read(byte: number, chunk: Buffer): void {
    switch (this.#wants) {
      case wantsNext:
        return this.#readNext(byte);
      case wantsNameOrEnd:
        if (byte === closeBrace) return this.#close(inObject);
        return this.#openName(byte, chunk);
      case wantsName:
        return this.#openName(byte, chunk);
      case wantsColon:
        if (byte !== colon) throw malformed('no colon behind a name');
        this.#passage.at += 1;
        this.#wants = wantsValue;
        return;
      case wantsElementOrEnd:
        if (byte === closeBracket) return this.#close(inArray);
        return this.#openValue(byte, chunk);
      case wantsValue:
        return this.#openValue(byte, chunk);
      default:
        throw malformed('something follows the document');
    }
  }

  #readNext(byte: number): void {
    const depth = this.#depth;
    if (byte !== comma) {
      this.#close(byte === closeBrace ? inObject : byte === closeBracket ? inArray : 0);
      return;
    }
    this.#passage.at += 1;
    if (this.#kinds[depth] === inObject) {
      this.#wants = wantsName;
      return;
    }
    const index = (this.#indexes[depth] ?? 0) + 1;
    this.#indexes[depth] = index;
    this.#state = this.#automaton.elementState(this.#states[depth] ?? 0, index);
    this.#wants = wantsValue;
  }

  #close(kind: number): void {
    if (kind === 0 || this.#kinds[this.#depth] !== kind) throw malformed('no comma and no end');
    this.#passage.at += 1;
    this.#depth -= 1;
    this.#endValue();
  }

  #endValue(): void {
    this.#wants = this.#depth === 0 ? wantsNothing : wantsNext;
  }

  #openValue(byte: number, chunk: Buffer): void {
    if (byte === quote) return this.#openString(chunk);
    if (byte === openBrace) return this.#openObject();
    if (byte === openBracket) return this.#openArray();
    const passage = this.#passage;
    passage.begin(passage.at);
    if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
      this.#number = numberStart;
      this.#isLongNumber = false;
      this.#wants = inNumber;
      return this.#readNumber(chunk);
    }
    this.#literal = literals.get(byte) ?? '';
    if (this.#literal === '') throw malformed('no value where one must be');
    this.#literalAt = 0;
    this.#wants = inLiteral;
    this.#readLiteral(chunk);
  }

  #enter(kind: number): number {
    if (this.#depth === this.#values.limits.depthMax) {
      throw new MaskError('json-too-deep', `nested deeper than ${this.#values.limits.depthMax}`);
    }
    this.#passage.at += 1;
    this.#depth += 1;
    this.#kinds[this.#depth] = kind;
    this.#states[this.#depth] = this.#state;
    return this.#depth;
  }

  #openObject(): void {
    this.#seen.clear(this.#enter(inObject));
    this.#wants = wantsNameOrEnd;
  }

  #openArray(): void {
    const depth = this.#enter(inArray);
    this.#indexes[depth] = 0;
    this.#state = this.#automaton.elementState(this.#state, 0);
    this.#wants = wantsElementOrEnd;
  }

  #openName(byte: number, chunk: Buffer): void {
    if (byte !== quote) throw malformed('no name where one must be');
    if (!this.#values.detects && this.#glide(chunk)) return;
    const passage = this.#passage;
    const { names, readsNames } = this.#automaton;
    const start = passage.at + 1;
    const end = endOfPlain(chunk, start, plainAscii);
    const isRead = readsNames[this.#states[this.#depth] ?? 0] === 1;
    if (end < chunk.length && chunk[end] === quote && this.#isKept(chunk, start, end)) {
      passage.at = end + 1;
      return this.#endName(isRead ? names.placeOfAscii(chunk, start, end) : names.none);
    }
    if (isRead || this.#values.detects) this.#string.openName();
    else this.#string.openKept();
    this.#wants = inName;
    this.#readToken(chunk);
  }

  /**
   * The short way through what most documents are: members without white space, of unselected names, whose values are
   * plain texts or integers. Stops before the first thing that is not so; false where that is the name it stands at.
   */
  #glide(chunk: Buffer): boolean {
    const passage = this.#passage;
    const { names, readsNames, strategies, memberState } = this.#automaton;
    const object = this.#states[this.#depth] ?? 0;
    const other = memberState(object, names.none);
    if (strategies[other] !== 0) return false;
    const isRead = readsNames[object] === 1;
    const first = passage.at;
    for (let at = first; ; at += 1) {
      const end = endOfPlain(chunk, at + 1, plainAscii);
      const isPlain = chunk[end] === quote && chunk[end + 1] === colon && end + 2 < chunk.length;
      if (!isPlain || (isRead && names.placeOfAscii(chunk, at + 1, end) !== names.none)) {
        passage.at = at;
        this.#wants = wantsName;
        return at > first;
      }
      const after = endOfPlainValue(chunk, end + 2);
      if (after === -1) {
        passage.at = end + 2;
        this.#state = other;
        this.#wants = wantsValue;
        return true;
      }
      at = after;
      if (chunk[at] === comma && chunk[at + 1] === quote) continue;
      passage.at = at;
      this.#wants = wantsNext;
      return true;
    }
  }

  #endName(place: number): void {
    const { names, memberState } = this.#automaton;
    const state = this.#states[this.#depth] ?? 0;
    this.#state = memberState(state, place);
    if (place !== names.none && this.#state !== memberState(state, names.none))
      this.#seen.add(this.#depth, place);
    const passage = this.#passage;
    if (passage.chunk[passage.at] === colon) {
      passage.at += 1;
      this.#wants = wantsValue;
    } else {
      this.#wants = wantsColon;
    }
  }

  #openString(chunk: Buffer): void {
    const passage = this.#passage;
    const code = this.#automaton.strategies[this.#state] ?? 0;
    const start = passage.at + 1;
    if (code === 0 && start < chunk.length && mayOpenJson[chunk[start] ?? 0] === 0) {
      const end = endOfPlain(chunk, start, plainBytes);
      if (end < chunk.length && chunk[end] === quote && this.#isKept(chunk, start, end)) {
        passage.at = end + 1;
        return this.#endValue();
      }
      if (!this.#values.detects) {
        this.#string.openKept();
        passage.at = end;
        this.#wants = inString;
        return;
      }
    }
    this.#string.openValue(code);
    this.#wants = inString;
    this.#readToken(chunk);
  }

  /** Texts that are too long to be held are written anew by the scanner: so they are here. */
  #isKept(chunk: Buffer, start: number, end: number): boolean {
    const values = this.#values;
    if (!values.detects) return true;
    return end - start <= values.limits.valueBytesMax && !values.mayFind(chunk, start, end);
  }

  #readNumber(chunk: Buffer): void {
    const passage = this.#passage;
    let { at } = passage;
    let state = this.#number;
    while (at < chunk.length) {
      const byte = chunk[at] ?? 0;
      if (byte < 0x30 || byte > 0x39 || !takesDigits(state)) {
        const next = stepNumber(state, byte);
        if (next === -1) break;
        state = next;
      }
      at += 1;
    }
    this.#number = state;
    passage.at = at;
    if (at < chunk.length) this.#endNumber(at);
    else this.#pauseNumber();
  }

  #pauseNumber(): void {
    const passage = this.#passage;
    const code = this.#automaton.strategies[this.#state] ?? 0;
    if (code !== 0) passage.drop();
    else if (this.#values.detectsNumbers) this.#holdNumber();
  }

  /** Past the length that is read nothing but the length counts, so the number goes without an end. */
  #holdNumber(): void {
    const passage = this.#passage;
    passage.hold();
    if (passage.tokenBytes(0) > numberBytesMax) this.#isLongNumber = true;
    if (this.#isLongNumber) passage.drop();
  }

  #endNumber(end: number): void {
    if (!isNumberEnd(this.#number)) throw malformed('number not understood');
    const passage = this.#passage;
    const code = this.#automaton.strategies[this.#state] ?? 0;
    if (code !== 0) passage.replace(jsonNull, end);
    else if (this.#values.detectsNumbers) this.#endReadNumber(end);
    this.#endValue();
  }

  #endReadNumber(end: number): void {
    const passage = this.#passage;
    if (this.#isLongNumber || this.#values.isNumberFound(passage.token(end)))
      passage.replace(jsonNull, end);
    else passage.keep();
  }

  #readLiteral(chunk: Buffer): void {
    const passage = this.#passage;
    const literal = this.#literal;
    while (passage.at < chunk.length && this.#literalAt < literal.length) {
      if (chunk[passage.at] !== literal.charCodeAt(this.#literalAt)) {
        throw malformed('literal not understood');
      }
      passage.at += 1;
      this.#literalAt += 1;
    }
    const isMasked = this.#automaton.strategies[this.#state] !== 0;
    if (this.#literalAt < literal.length) {
      if (isMasked) passage.drop();
      return;
    }
    if (isMasked) passage.replace(jsonNull, passage.at);
    this.#endValue();
  }
}

const malformed = (message: string): MaskError => new MaskError('json-malformed', message);
