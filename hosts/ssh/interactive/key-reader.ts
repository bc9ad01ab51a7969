// Reads the bytes of a terminal key by key: UTF-8 (RFC 3629), control sequences (ECMA-48 §5.4), pastes in brackets (xterm).

import { isPrintable } from './display-width.ts';
import { controlKeys, metaKeys, sequenceKeys } from './keys.ts';
import type { EditAction, Key } from './keys.ts';

/** Of one paste, in bytes. */
export const pasteBytesMax = 64 * 1024;
const parametersMax = 32;

type State =
  | { readonly kind: 'ground' }
  | { readonly kind: 'escape' }
  | { readonly kind: 'sequence'; readonly parameters: string }
  /** Behind `ESC O`: one byte follows. */
  | { readonly kind: 'shift' }
  /** A string that a terminal sends when it was asked something: nobody typed it. */
  | { readonly kind: 'report'; readonly escaped: boolean }
  | { readonly kind: 'paste' };

const unknown: Key = { kind: 'unknown' };
const ground: State = { kind: 'ground' };
const pasteEnd = Buffer.from('\x1b[201~', 'latin1');

export class KeyReader {
  #state: State = ground;
  /** The bytes of an unfinished character. */
  #character: number[] = [];
  #characterBytes = 0;
  #paste: number[] = [];
  #isTooLong = false;

  /** Inside a paste every byte belongs to it, `^C` apart. */
  get isPasting(): boolean {
    return this.#state.kind === 'paste';
  }

  /** The key that ends with this byte, if any does. */
  push(byte: number): Key | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'ground':
        return this.#readGround(byte);
      case 'escape':
        return this.#readEscape(byte);
      case 'sequence':
        return this.#readSequence(state.parameters, byte);
      case 'shift':
        this.#state = ground;
        return keyOf(sequenceKeys, String.fromCharCode(byte));
      case 'report':
        this.#readReport(state.escaped, byte);
        return undefined;
      case 'paste':
        return this.#readPaste(byte);
    }
  }

  #readGround(byte: number): Key | undefined {
    if (this.#characterBytes > 0) {
      if ((byte & 0xc0) === 0x80) return this.#readCharacter(byte);
      this.#characterBytes = 0;
    }
    if (byte === 0x1b) {
      this.#state = { kind: 'escape' };
      return undefined;
    }
    if (byte < 0x20 || byte === 0x7f) return keyOf(controlKeys, byte);
    if (byte < 0x80) return { kind: 'text', text: String.fromCharCode(byte) };
    const bytes = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4) return unknown;
    this.#character = [byte];
    this.#characterBytes = bytes;
    return undefined;
  }

  #readCharacter(byte: number): Key | undefined {
    this.#character.push(byte);
    if (this.#character.length < this.#characterBytes) return undefined;
    this.#characterBytes = 0;
    const text = Buffer.from(this.#character).toString('utf8');
    // Overlong forms and surrogates come out as more than one character.
    if (Array.from(text).length !== 1 || text === '\ufffd' || !isPrintable(text)) return unknown;
    return { kind: 'text', text };
  }

  #readEscape(byte: number): Key | undefined {
    const character = String.fromCharCode(byte);
    switch (character) {
      case '[':
        this.#state = { kind: 'sequence', parameters: '' };
        return undefined;
      case 'O':
        this.#state = { kind: 'shift' };
        return undefined;
      case ']':
      case 'P':
      case 'X':
      case '^':
      case '_':
        this.#state = { kind: 'report', escaped: false };
        return undefined;
      case '\x1b':
        return undefined;
      default:
        this.#state = ground;
        return keyOf(metaKeys, character);
    }
  }

  #readSequence(parameters: string, byte: number): Key | undefined {
    const character = String.fromCharCode(byte);
    if (byte >= 0x20 && byte < 0x40 && parameters.length < parametersMax) {
      this.#state = { kind: 'sequence', parameters: parameters + character };
      return undefined;
    }
    this.#state = ground;
    // Whatever breaks off a sequence counts for itself: `^C` above all.
    if (byte < 0x20) return this.#readGround(byte);
    const sequence = parameters + character;
    if (sequence === '200~') {
      this.#state = { kind: 'paste' };
      return undefined;
    }
    return keyOf(sequenceKeys, sequence);
  }

  #readReport(escaped: boolean, byte: number): void {
    if (byte === 0x07 || byte === 0x03 || (escaped && byte === 0x5c)) this.#state = ground;
    else this.#state = { kind: 'report', escaped: byte === 0x1b };
  }

  #readPaste(byte: number): Key | undefined {
    if (byte === 0x03) {
      this.#endPaste();
      return { kind: 'action', action: 'interrupt' };
    }
    if (this.#paste.length >= pasteBytesMax) {
      this.#isTooLong = true;
      // Enough is kept to see the end of it.
      this.#paste = this.#paste.slice(1 - pasteEnd.length);
    }
    this.#paste.push(byte);
    if (byte !== 0x7e || !isEnd(this.#paste)) return undefined;
    const text = Buffer.from(this.#paste.slice(0, -pasteEnd.length)).toString('utf8');
    const tooLong = this.#isTooLong;
    this.#endPaste();
    return tooLong ? unknown : { kind: 'paste', text: printablePaste(text) };
  }

  #endPaste(): void {
    this.#state = ground;
    this.#paste = [];
    this.#isTooLong = false;
  }
}

const keyOf = <Code>(keys: ReadonlyMap<Code, EditAction>, code: Code): Key => {
  const action = keys.get(code);
  return action === undefined ? unknown : { kind: 'action', action };
};

const isEnd = (bytes: readonly number[]): boolean =>
  bytes.length >= pasteEnd.length &&
  pasteEnd.every((byte, index) => bytes[bytes.length - pasteEnd.length + index] === byte);

/** Lines as lines, tabs as blanks, which they look like; of what cannot be seen nothing. */
const printablePaste = (text: string): string =>
  Array.from(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replaceAll('\t', ' '))
    .filter((character) => character === '\n' || (character !== '\ufffd' && isPrintable(character)))
    .join('');
