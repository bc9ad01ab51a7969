// The text under the cursor and what the keys do to it. Positions count code points; marks stay with their character.

import type { EditAction } from './keys.ts';
import { widthOf } from './display-width.ts';

/** Of one line in UTF-8, as the reader of commands takes it. */
export const lineBytesMax = 16 * 1024;

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);

export class EditBuffer {
  #characters: string[] = [];
  #bytes = 0;
  #cursor = 0;
  #killed: readonly string[] = [];

  get text(): string {
    return this.#characters.join('');
  }

  get characters(): readonly string[] {
    return this.#characters;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get isEmpty(): boolean {
    return this.#characters.length === 0;
  }

  get isAtEnd(): boolean {
    return this.#cursor === this.#characters.length;
  }

  /** The cursor goes to the end. False when it is too long. */
  replace(text: string): boolean {
    this.#characters = [];
    this.#bytes = 0;
    this.#cursor = 0;
    return this.insert(text);
  }

  /** False when the line would be too long: then nothing is inserted. */
  insert(text: string): boolean {
    const bytes = this.#bytes + Buffer.byteLength(text);
    if (bytes > lineBytesMax) return false;
    this.#bytes = bytes;
    const characters = Array.from(text);
    this.#characters.splice(this.#cursor, 0, ...characters);
    this.#cursor += characters.length;
    return true;
  }

  /** False when there was nothing to do. */
  apply(action: EditAction): boolean {
    switch (action) {
      case 'left':
        return this.#move(this.#before(this.#cursor));
      case 'right':
        return this.#move(this.#after(this.#cursor));
      case 'home':
        return this.#move(0);
      case 'end':
        return this.#move(this.#characters.length);
      case 'word-left':
        return this.#move(this.#wordBefore());
      case 'word-right':
        return this.#move(this.#wordAfter());
      case 'erase':
        return this.#remove(this.#before(this.#cursor), this.#cursor);
      case 'delete':
        return this.#remove(this.#cursor, this.#after(this.#cursor));
      case 'kill-to-end':
        return this.#kill(this.#cursor, this.#characters.length);
      case 'kill-to-start':
        return this.#kill(0, this.#cursor);
      case 'kill-word':
        return this.#kill(this.#cursor, this.#wordAfter());
      case 'kill-word-left':
        return this.#kill(this.#blankBefore(), this.#cursor);
      case 'yank':
        return this.#killed.length > 0 && this.insert(this.#killed.join(''));
      case 'transpose':
        return this.#transpose();
      default:
        return false;
    }
  }

  #move(to: number): boolean {
    const moved = to !== this.#cursor;
    this.#cursor = to;
    return moved;
  }

  #isMark(index: number): boolean {
    const character = this.#characters[index];
    return character !== undefined && character !== '\n' && widthOf(character) === 0;
  }

  #before(index: number): number {
    let before = Math.max(index - 1, 0);
    while (before > 0 && this.#isMark(before)) before -= 1;
    return before;
  }

  #after(index: number): number {
    let after = Math.min(index + 1, this.#characters.length);
    while (this.#isMark(after)) after += 1;
    return after;
  }

  #wordBefore(): number {
    let index = this.#cursor;
    while (index > 0 && !isWord(this.#characters[index - 1])) index -= 1;
    while (index > 0 && isWord(this.#characters[index - 1])) index -= 1;
    return index;
  }

  #wordAfter(): number {
    const end = this.#characters.length;
    let index = this.#cursor;
    while (index < end && !isWord(this.#characters[index])) index += 1;
    while (index < end && isWord(this.#characters[index])) index += 1;
    return index;
  }

  /** As `^W` has it: up to the blank before. */
  #blankBefore(): number {
    const isBlank = (index: number): boolean => /\s/.test(this.#characters[index] ?? '');
    let index = this.#cursor;
    while (index > 0 && isBlank(index - 1)) index -= 1;
    while (index > 0 && !isBlank(index - 1)) index -= 1;
    return index;
  }

  #remove(from: number, to: number): boolean {
    if (from >= to) return false;
    const removed = this.#characters.splice(from, to - from);
    this.#bytes -= Buffer.byteLength(removed.join(''));
    this.#cursor = from;
    return true;
  }

  #kill(from: number, to: number): boolean {
    if (from >= to) return false;
    this.#killed = this.#characters.slice(from, to);
    return this.#remove(from, to);
  }

  #transpose(): boolean {
    const right = this.isAtEnd ? this.#cursor - 1 : this.#cursor;
    const [one, other] = [this.#characters[right - 1], this.#characters[right]];
    if (one === undefined || other === undefined) return false;
    this.#characters[right - 1] = other;
    this.#characters[right] = one;
    this.#cursor = right + 1;
    return true;
  }
}
