// A terminal as small as the line editor needs it: printable characters, CR, LF, and the cursor's and the eraser's moves.

import { widthOf } from '../../../hosts/ssh/interactive/display-width.ts';

export class Screen {
  readonly #columns: number;
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Rows without what is blank at their ends, down to the cursor. */
  get text(): readonly string[] {
    return this.#rows.map((row) => row.join('').trimEnd());
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  /** @throws where it holds a control that this terminal does not know */
  write(output: string): void {
    const tokens =
      // Spelt out, since patterns may hold no controls.
      new RegExp(`${String.fromCharCode(27)}\\[[?0-9;]*[A-Za-z]|[^]`, 'gu');
    for (const [token] of output.matchAll(tokens)) this.#take(token);
  }

  #take(token: string): void {
    if (token.length > 2) return this.#control(token.slice(2, -1), token.slice(-1));
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#down();
    else if (token === '\x07') return;
    else if (token < ' ') throw new Error(`control ${JSON.stringify(token)}`);
    else this.#put(token);
  }

  #down(): void {
    this.#row += 1;
    this.#rows[this.#row] ??= [];
  }

  #put(character: string): void {
    const width = widthOf(character);
    const row = (): string[] => (this.#rows[this.#row] ??= []);
    if (width === 0) {
      const last = Math.max(this.#column - 1, 0);
      row()[last] = (row()[last] ?? '') + character;
      return;
    }
    if (this.#column + width > this.#columns) {
      this.#down();
      this.#column = 0;
    }
    while (row().length < this.#column) row().push(' ');
    row()[this.#column] = character;
    if (width === 2) row()[this.#column + 1] = '';
    this.#column += width;
  }

  #control(parameters: string, final: string): void {
    const count = Number(parameters) || 1;
    switch (final) {
      case 'A':
        if (count > this.#row) throw new Error('above the first row');
        this.#row -= count;
        return;
      case 'B':
        this.#row += count;
        if (this.#row >= this.#rows.length) throw new Error('below the last row');
        return;
      case 'C':
        this.#column += count;
        return;
      case 'J':
        if (parameters === '2') {
          this.#rows = [[]];
          this.#row = 0;
          return;
        }
        this.#rows.length = this.#row + 1;
        this.#rows[this.#row]?.splice(this.#column);
        return;
      case 'H':
        this.#row = 0;
        this.#column = 0;
        return;
      case 'h':
      case 'l':
        return;
      default:
        throw new Error(`control ${final}`);
    }
  }
}
