// Guesses which command lines were typed on a terminal from what it showed: ECMA-48 and xterm, as far as shells use them.

/**
 * What the row of the cursor showed behind the place where typing began, when Enter was pressed. Nobody has verified it:
 * a program shows what it likes, a shell may not echo, and what ran may have been something else.
 */
export interface ScreenHint {
  readonly text: string;
  readonly isVerified: false;
}

/** Characters of one row. */
const rowMax = 4096;
const sequenceMax = 64;

type State = 'ground' | 'escape' | 'sequence' | 'string' | 'string-escape';

export class ScreenHints {
  readonly #onHint: (hint: ScreenHint) => void;
  readonly #decoder = new TextDecoder();
  #row: string[] = [];
  #column = 0;
  /** Where the cursor stood when the first key of this row came. */
  #typedFrom: number | undefined;
  #isEntered = false;
  /** Full-screen programs show no command lines. */
  #isAlternate = false;
  #state: State = 'ground';
  #sequence = '';

  constructor(onHint: (hint: ScreenHint) => void) {
    this.#onHint = onHint;
  }

  /** Bytes of the client, before the target answers them. */
  typed(bytes: Buffer): void {
    if (this.#isAlternate || bytes.length === 0) return;
    this.#typedFrom ??= this.#column;
    if (bytes.includes(0x0d) || bytes.includes(0x0a)) this.#isEntered = true;
  }

  /** Output of the target. */
  shown(bytes: Buffer): void {
    for (const character of this.#decoder.decode(bytes, { stream: true })) this.#show(character);
  }

  #show(character: string): void {
    switch (this.#state) {
      case 'ground':
        return this.#showGround(character);
      case 'escape':
        this.#sequence = '';
        this.#state =
          character === '[' ? 'sequence' : /[\]PX^_]/.test(character) ? 'string' : 'ground';
        return;
      case 'sequence':
        if (/[@-~]/.test(character)) {
          this.#state = 'ground';
          return this.#control(this.#sequence, character);
        }
        if (this.#sequence.length < sequenceMax) this.#sequence += character;
        return;
      case 'string':
        if (character === '\x07') this.#state = 'ground';
        else if (character === '\x1b') this.#state = 'string-escape';
        return;
      case 'string-escape':
        this.#state = character === '\\' ? 'ground' : 'string';
    }
  }

  #showGround(character: string): void {
    switch (character) {
      case '\x1b':
        this.#state = 'escape';
        return;
      case '\n':
        return this.#nextRow();
      case '\r':
        this.#column = 0;
        return;
      case '\b':
        this.#column = Math.max(this.#column - 1, 0);
        return;
      default:
        if (/\p{Cc}/u.test(character) || this.#column >= rowMax) return;
        while (this.#row.length < this.#column) this.#row.push(' ');
        this.#row[this.#column] = character;
        this.#column += 1;
    }
  }

  #nextRow(): void {
    const from = this.#typedFrom;
    if (this.#isEntered && from !== undefined && !this.#isAlternate) {
      const text = this.#row.slice(from).join('').trim();
      if (text !== '') this.#onHint({ text, isVerified: false });
    }
    this.#row = [];
    this.#column = 0;
    this.#typedFrom = undefined;
    this.#isEntered = false;
  }

  #control(parameters: string, final: string): void {
    if (/^\?(?:47|1047|1049)$/.test(parameters)) this.#isAlternate = final === 'h';
    const [first = ''] = parameters.split(';');
    const count = Math.min(Math.max(Number(first) || 1, 1), rowMax);
    switch (final) {
      case 'C':
        this.#column = Math.min(this.#column + count, rowMax);
        return;
      case 'D':
        this.#column = Math.max(this.#column - count, 0);
        return;
      case 'G':
        this.#column = count - 1;
        return;
      case 'K':
        if (first === '' || first === '0')
          this.#row.length = Math.min(this.#row.length, this.#column);
        return;
      case 'P':
        this.#row.splice(this.#column, count);
        return;
      case '@':
        if (this.#column < this.#row.length && this.#row.length + count <= rowMax) {
          this.#row.splice(this.#column, 0, ...Array<string>(count).fill(' '));
        }
        return;
      default:
    }
  }
}
