// Masks text/event-stream (HTML Living Standard §9.2): each event is one document, and goes out as soon as it is whole.

import type { Automaton } from './automaton.ts';
import type { BodyMasker } from './masker.ts';
import { JsonMasker } from './json-masker.ts';
import { MaskError } from './mask-error.ts';
import { Utf8Check } from './utf8-check.ts';
import type { ValueMasker } from './value-masker.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nothing = Buffer.alloc(0);
/** What ends many streams of JSON; it says nothing else. */
const doneMark = '[DONE]';
/** Names and ids are a way past the masks: only short words may take it. */
const wordText = /^[A-Za-z0-9._:/+=~-]{0,128}$/;

export class EventStreamMasker implements BodyMasker {
  readonly #automaton: Automaton;
  readonly #values: ValueMasker;
  readonly #utf8 = new Utf8Check();
  #document: JsonMasker;
  /** Of a line that is not whole yet. */
  readonly #pieces: Buffer[] = [];
  /** Bytes of the event that is not whole yet. */
  #heldBytes = 0;
  #isFirstLine = true;
  /** A carriage return ended a line: a line feed right behind it belongs to it. */
  #skipsLineFeed = false;
  /** Lines of the open event: what goes out besides its text, and its text. */
  #fields: string[] = [];
  #lines: string[] = [];
  #out: string[] = [];

  constructor(automaton: Automaton, values: ValueMasker) {
    this.#automaton = automaton;
    this.#values = values;
    this.#document = new JsonMasker(automaton, values, automaton.record);
  }

  push(chunk: Buffer): Buffer {
    this.#utf8.push(chunk);
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#skipsLineFeed && byte === lineFeed) start = at + 1;
      else if (byte === lineFeed || byte === carriageReturn) {
        this.#endLine(chunk.subarray(start, at));
        start = at + 1;
      }
      this.#skipsLineFeed = byte === carriageReturn;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    return this.#take();
  }

  /** An event without its empty line goes out without it: clients drop such an event. */
  end(): Buffer {
    this.#utf8.end();
    if (this.#pieces.length > 0) this.#endLine(nothing);
    this.#putEvent();
    return this.#take();
  }

  #take(): Buffer {
    const taken = this.#out.join('');
    this.#out = [];
    return Buffer.from(taken);
  }

  #hold(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#count(piece.length);
  }

  #count(bytes: number): void {
    const { recordBytesMax } = this.#values.limits;
    this.#heldBytes += bytes;
    if (this.#heldBytes > recordBytesMax) {
      throw new MaskError('record-too-large', `event of more than ${recordBytesMax} bytes`);
    }
  }

  #endLine(piece: Buffer): void {
    this.#count(piece.length + 1);
    const line = Buffer.concat([...this.#pieces.splice(0), piece]).toString('utf8');
    this.#readLine(this.#isFirstLine ? line.replace(/^\ufeff/, '') : line);
    this.#isFirstLine = false;
  }

  /** A comment keeps a connection alive: that one came goes out, not what it says. Unknown fields mean nothing. */
  #readLine(line: string): void {
    if (line === '') return this.#endEvent();
    if (line.startsWith(':')) {
      this.#heldBytes -= Math.min(this.#heldBytes, Buffer.byteLength(line) + 1);
      this.#out.push(':\n');
      return;
    }
    const [, name = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === 'data') this.#lines.push(value);
    else if (name === 'event' || name === 'id')
      this.#fields.push(`${name}: ${this.#word(value)}\n`);
    else if (name === 'retry' && /^[0-9]{1,9}$/.test(value)) this.#fields.push(`retry: ${value}\n`);
  }

  #word(value: string): string {
    const isFound = this.#values.found(Buffer.from(value)) !== undefined;
    if (isFound || !wordText.test(value)) {
      throw new MaskError('event-malformed', 'name or id of an event is no plain word');
    }
    return value;
  }

  #endEvent(): void {
    this.#putEvent();
    this.#out.push('\n');
    this.#heldBytes = 0;
  }

  #putEvent(): void {
    this.#out.push(...this.#fields);
    if (this.#lines.length > 0) {
      const lines = this.#masked(this.#lines.join('\n')).split('\n');
      this.#out.push(...lines.map((line) => `data: ${line}\n`));
    }
    this.#fields = [];
    this.#lines = [];
  }

  /** Text that is no JSON has no fields, so nothing of it can be shown under masks that name fields. */
  #masked(text: string): string {
    if (text === doneMark) return text;
    const bytes = Buffer.from(text);
    try {
      const start = this.#document.push(bytes);
      return Buffer.concat([start, this.#document.end()]).toString('utf8');
    } catch (error) {
      if (!(error instanceof MaskError)) throw error;
      this.#document = new JsonMasker(this.#automaton, this.#values, this.#automaton.record);
      const { hasFields, fixed } = this.#values;
      return (hasFields ? fixed : (this.#values.found(bytes) ?? bytes)).toString('utf8');
    }
  }
}
