// JSON, RFC 8259, read so that no other reader can find another document in the same bytes.

import { isUtf8 } from 'node:buffer';

import type { Json } from '#engine/model';

import { exactNumber } from './json-number.ts';
import { reading, refusal, type Read } from './refusal.ts';

/** What surrounds the document in `input` takes three of the 64 levels that an evaluation is given. */
export const jsonDepthMax = 60;

export interface JsonOptions {
  /** Names that rules read: a key that differs from one of them by case only is refused. */
  readonly keysRead?: ReadonlySet<string>;
}

/**
 * Never `JSON.parse`: it takes the last of two equal keys, rounds numbers, and in some releases of V8 gives a key of an
 * earlier document for one that is written with an escape.
 */
export const parseStrictJson = (text: Buffer, options: JsonOptions = {}): Read<Json> =>
  reading(() => readJson(text, options));

/** As `parseStrictJson`, for readers of this room: throws the refusal. */
export const readJson = (bytes: Buffer, options: JsonOptions = {}): Json => {
  if (!isUtf8(bytes)) throw refusal('body-charset');
  return new JsonReader(bytes.toString('utf8'), options).document();
};

/** For text that was decoded before, such as a parameter of a query. */
export const readJsonText = (text: string): Json => {
  if (!text.isWellFormed()) throw refusal('body-charset');
  return new JsonReader(text, {}).document();
};

/**
 * Equal for keys that some server takes for one: by simple case folding (Go), upper case (.NET), or both (Java), so the
 * Kelvin sign is a k and the long s is an s.
 */
export const foldKey = (key: string): string => key.toUpperCase().toLowerCase();

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const numberSyntax = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const hexSyntax = /[0-9a-fA-F]{4}/y;
/** In a key it is an attempt at a server that ends names there. */
const control = /\p{Cc}/u;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class JsonReader {
  readonly #text: string;
  readonly #keysRead: ReadonlyMap<string, string>;
  /** Keys of this document that were checked, and what they fold to: most come again in each object of a list. */
  readonly #folded = new Map<string, string>();
  #at = 0;

  constructor(text: string, { keysRead = new Set() }: JsonOptions) {
    this.#text = text;
    this.#keysRead = new Map(Array.from(keysRead, (key) => [foldKey(key), key]));
  }

  document(): Json {
    if (this.#text.startsWith('\ufeff')) throw refusal('body-charset', 'a byte order mark');
    const value = this.#value(0);
    if (this.#next() !== undefined) throw this.#syntax();
    return value;
  }

  #syntax(): Error {
    return refusal('json-syntax', `at ${this.#at}`);
  }

  /** The code of the next character that is no whitespace, not taken; undefined at the end. */
  #next(): number | undefined {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) this.#at += 1;
      else return Number.isNaN(code) ? undefined : code;
    }
  }

  #take(code: number): boolean {
    if (this.#next() !== code) return false;
    this.#at += 1;
    return true;
  }

  #value(depth: number): Json {
    switch (this.#next()) {
      case openBrace:
        return this.#object(this.#deeper(depth));
      case openBracket:
        return this.#array(this.#deeper(depth));
      case quote:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #deeper(depth: number): number {
    if (depth >= jsonDepthMax) throw refusal('json-depth', `over ${jsonDepthMax} at ${this.#at}`);
    this.#at += 1;
    return depth + 1;
  }

  #word<Value extends Json>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) throw this.#syntax();
    this.#at += word.length;
    return value;
  }

  #number(): number {
    numberSyntax.lastIndex = this.#at;
    const literal = numberSyntax.exec(this.#text)?.[0];
    if (literal === undefined) throw this.#syntax();
    const value = exactNumber(literal, this.#at);
    this.#at += literal.length;
    return value;
  }

  #array(depth: number): Json[] {
    const items: Json[] = [];
    if (this.#take(closeBracket)) return items;
    do {
      items.push(this.#value(depth));
    } while (this.#take(comma));
    if (!this.#take(closeBracket)) throw this.#syntax();
    return items;
  }

  #object(depth: number): Json {
    const members: Record<string, Json> = {};
    const seen = new Map<string, string>();
    if (this.#take(closeBrace)) return members;
    do {
      const key = this.#key(seen);
      if (!this.#take(colon)) throw this.#syntax();
      members[key] = this.#value(depth);
    } while (this.#take(comma));
    if (!this.#take(closeBrace)) throw this.#syntax();
    return members;
  }

  #key(seen: Map<string, string>): string {
    if (this.#next() !== quote) throw this.#syntax();
    const offset = this.#at;
    const key = this.#string();
    const folded = this.#folded.get(key) ?? this.#foldNew(key, offset);
    const other = seen.get(folded);
    if (other !== undefined) {
      throw refusal(other === key ? 'json-duplicate-key' : 'json-key-case', `at ${offset}`);
    }
    seen.set(folded, key);
    return key;
  }

  #foldNew(key: string, offset: number): string {
    // An assignment to it, here or where facts are copied, would make a prototype and no member: hidden from the rules.
    if (key === '__proto__') throw refusal('json-key-reserved', `__proto__ at ${offset}`);
    if (control.test(key)) throw refusal('json-key-reserved', `a control character at ${offset}`);
    const folded = foldKey(key);
    if ((this.#keysRead.get(folded) ?? key) !== key) throw refusal('json-key-case', `at ${offset}`);
    this.#folded.set(key, folded);
    return folded;
  }

  #string(): string {
    this.#at += 1;
    let decoded = '';
    let start = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === quote) {
        const rest = this.#text.slice(start, this.#at);
        this.#at += 1;
        return decoded === '' ? rest : decoded + rest;
      }
      if (code === backslash) {
        decoded += this.#text.slice(start, this.#at) + this.#escape();
        start = this.#at;
      } else if (code >= 0x20) {
        this.#at += 1;
      } else {
        // A raw control character, or the end of the text.
        throw this.#syntax();
      }
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    if (letter === 'u') return this.#unicodeEscape();
    const character = escapes[letter];
    if (character === undefined) throw this.#syntax();
    this.#at += 2;
    return character;
  }

  #unicodeEscape(): string {
    const offset = this.#at;
    const unit = this.#codeUnit();
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const isPair = unit < 0xdc00 && this.#text.startsWith('\\u', this.#at);
    const low = isPair ? this.#codeUnit() : 0;
    if (low < 0xdc00 || low > 0xdfff) throw refusal('json-surrogate', `at ${offset}`);
    return String.fromCharCode(unit, low);
  }

  /** The four digits behind the backslash and u that stand at the current offset. */
  #codeUnit(): number {
    hexSyntax.lastIndex = this.#at + 2;
    const digits = hexSyntax.exec(this.#text)?.[0];
    if (digits === undefined) throw this.#syntax();
    this.#at += 6;
    return parseInt(digits, 16);
  }
}
