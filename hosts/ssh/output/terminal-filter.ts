// Passes text, colours, cursor movement and the alternate screen to a terminal, and nothing that makes it type, leave marks
// behind or change what keys mean.

import { byteClass } from '#engine/masking';
import { endsString, sequenceAt } from './control-sequences.ts';
import { characterAt } from './utf8-character.ts';

const nothing = Buffer.alloc(0);
const replacement = Buffer.from('\ufffd');
const escape = 0x1b;

/** Printable ASCII and BEL, BS, HT, LF, VT, FF, CR, SO, SI. Not ENQ, which makes terminals answer. */
const passed = byteClass(' ~', '\x07\x0f');

/** C1 controls; characters that turn the direction of all that follows: what is read would not be what stands there. */
const isReplaced = (codePoint: number): boolean =>
  codePoint < 0xa0 ||
  (codePoint >= 0x202a && codePoint <= 0x202e) ||
  (codePoint >= 0x2066 && codePoint <= 0x2069);

/**
 * The terminal is taken to read UTF-8: what comes out is UTF-8 without C1 controls, whatever goes in. Whatever the chunks,
 * the same bytes come out; held back is at most one unfinished sequence.
 */
export class TerminalFilter {
  #held: Buffer = nothing;
  /** Inside a string that is dropped up to its terminator, as a terminal would wait for it. */
  #inString = false;
  #pieces: Buffer[] = [];
  /** Up to here the input is in `#pieces` or dropped. */
  #done = 0;

  /** The chunk belongs to the filter, the answer to the caller. */
  push(chunk: Buffer): Buffer {
    const input = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#done = 0;
    const end = this.#read(input);
    this.#held = end === input.length ? nothing : Buffer.from(input.subarray(end));
    if (this.#done === 0 && end === input.length) return input;
    this.#pieces.push(input.subarray(this.#done, end));
    return this.#take();
  }

  /** The last of the output: an unfinished sequence is dropped, an unfinished character replaced. */
  end(): Buffer {
    const isCharacter = this.#held.length > 0 && this.#held[0] !== escape;
    this.#held = nothing;
    this.#inString = false;
    return isCharacter ? replacement : nothing;
  }

  /** Up to where the input is understood. */
  #read(input: Buffer): number {
    let at = this.#inString ? this.#skipString(input, 0) : 0;
    while (at < input.length) {
      const byte = input[at] ?? 0;
      if (passed[byte] === 1) at += 1;
      else {
        const next = byte < 0x80 ? this.#control(input, at) : this.#character(input, at);
        if (next === undefined) return at;
        at = next;
      }
    }
    return at;
  }

  #control(input: Buffer, at: number): number | undefined {
    if (input[at] !== escape) return this.#drop(input, at, at + 1);
    const sequence = sequenceAt(input, at);
    switch (sequence?.kind) {
      case undefined:
        return undefined;
      case 'keep':
        return sequence.end;
      case 'drop':
        return this.#drop(input, at, sequence.end);
      case 'string':
        this.#inString = true;
        this.#drop(input, at, sequence.end);
        return this.#skipString(input, sequence.end);
    }
  }

  #character(input: Buffer, at: number): number | undefined {
    const character = characterAt(input, at);
    if (character === undefined) return undefined;
    const { kind, end, codePoint } = character;
    if (kind === 'whole' && !isReplaced(codePoint)) return end;
    this.#drop(input, at, end);
    this.#pieces.push(replacement);
    return end;
  }

  #skipString(input: Buffer, from: number): number {
    let end = from;
    while (end < input.length && endsString[input[end] ?? 0] !== 1) end += 1;
    if (end < input.length) {
      this.#inString = false;
      if (input[end] !== escape) end += 1;
    }
    return this.#drop(input, from, end);
  }

  #drop(input: Buffer, from: number, end: number): number {
    if (from > this.#done) this.#pieces.push(input.subarray(this.#done, from));
    this.#done = end;
    return end;
  }

  #take(): Buffer {
    const taken = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return taken;
  }
}

/** Brings a terminal back to where a session may have left it: screen, modes, margins, character sets, colours. */
export const terminalReset =
  '\x1b[?1049l\x1b[!p\x1b[?5l\x1b[?7h\x1b[?25h\x1b[?2004l\x1b[?2026l\x1b[?1l\x1b>\x1b(B\x1b)B\x0f\x1b[0m';
