// Masks newline-delimited JSON: one document a line, whichever of NDJSON, JSON Lines or jsonl it calls itself.

import type { Automaton } from './automaton.ts';
import type { BodyMasker } from './masker.ts';
import { JsonMasker } from './json-masker.ts';
import { MaskError } from './mask-error.ts';
import { Outbox } from './outbox.ts';
import type { ValueMasker } from './value-masker.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const newline = Buffer.from('\n');
const empty = Buffer.alloc(0);

export class NdjsonMasker implements BodyMasker {
  readonly #line: JsonMasker;
  readonly #out = new Outbox();
  /** The chunk ended behind a carriage return: a line feed must follow. */
  #wantsLineFeed = false;

  constructor(automaton: Automaton, values: ValueMasker) {
    this.#line = new JsonMasker(automaton, values, automaton.record);
  }

  push(chunk: Buffer): Buffer {
    let at = 0;
    while (at < chunk.length) {
      const end = chunk.indexOf(lineFeed, at);
      this.#piece(chunk.subarray(at, end === -1 ? chunk.length : end), end !== -1);
      if (end === -1) break;
      this.#out.append(this.#line.end());
      this.#out.append(newline);
      at = end + 1;
    }
    return this.#out.take();
  }

  end(): Buffer {
    if (this.#wantsLineFeed) throw loneCarriageReturn();
    return this.#line.end();
  }

  /** To some clients a carriage return ends a line wherever it stands: here only before a line feed. */
  #piece(piece: Buffer, endsLine: boolean): void {
    if (this.#wantsLineFeed && piece.length > 0) throw loneCarriageReturn();
    if (piece.length > 0 || endsLine) this.#wantsLineFeed = false;
    const found = piece.indexOf(carriageReturn);
    if (found !== -1 && found < piece.length - 1) throw loneCarriageReturn();
    this.#wantsLineFeed = found !== -1 && !endsLine;
    this.#out.append(piece.length === 0 ? empty : this.#line.push(piece));
  }
}

const loneCarriageReturn = (): MaskError =>
  new MaskError('ndjson-malformed', 'carriage return without a line feed');
