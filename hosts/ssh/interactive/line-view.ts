// Paints a line that may wrap or hold newlines, from any cursor to any other. ECMA-48 §8.3: CUU, CUF, ED.

import { widthOf } from './display-width.ts';

export interface View {
  readonly prompt: string;
  readonly characters: readonly string[];
  /** Index into the characters. */
  readonly cursor: number;
}

interface Place {
  readonly row: number;
  readonly column: number;
}

interface Painted {
  readonly text: string;
  readonly cursor: Place;
  readonly end: Place;
}

const erase = '\x1b[J';
const columnsMin = 8;
const columnsMax = 4096;

export class LineView {
  #columns: number;
  #cursor: Place = { row: 0, column: 0 };
  #end: Place = { row: 0, column: 0 };

  constructor(columns: number) {
    this.#columns = boundedColumns(columns);
  }

  /** The terminal may have wrapped what it shows anew; where, only it knows: the next line starts afresh. */
  resize(columns: number): void {
    this.#columns = boundedColumns(columns);
  }

  /** Paints over what was painted last. */
  paint(view: View): string {
    const back = this.#toStart();
    const painted = paintAll(view, this.#columns);
    this.#end = painted.end;
    this.#cursor = painted.cursor;
    return `${back}${erase}${painted.text}${move(painted.end, painted.cursor)}`;
  }

  /** Short for `paint` where one narrow character was put at the end and the cursor is behind it. */
  append(character: string): string | undefined {
    const { row, column } = this.#cursor;
    const width = widthOf(character);
    if (width !== 1 || column + 1 >= this.#columns) return undefined;
    this.#cursor = { row, column: column + 1 };
    this.#end = this.#cursor;
    return character;
  }

  /** Takes away what was painted, so that other output can stand there. */
  clear(): string {
    const back = this.#toStart();
    this.forget();
    return `${back}${erase}`;
  }

  /** Leaves what was painted where it is; the cursor goes below it. */
  leave(): string {
    const down = move(this.#cursor, this.#end);
    this.forget();
    return `${down}\r\n`;
  }

  /** What follows is painted where the cursor stands, at the start of a row. */
  forget(): void {
    this.#cursor = { row: 0, column: 0 };
    this.#end = this.#cursor;
  }

  #toStart(): string {
    return move(this.#cursor, { row: 0, column: 0 });
  }
}

const boundedColumns = (columns: number): number =>
  Math.min(Math.max(Math.trunc(columns) || 80, columnsMin), columnsMax);

function move(from: Place, to: Place): string {
  const rows = to.row - from.row;
  const vertical = rows === 0 ? '' : `\x1b[${Math.abs(rows)}${rows > 0 ? 'B' : 'A'}`;
  if (rows === 0 && to.column === from.column) return '';
  return `${vertical}\r${to.column === 0 ? '' : `\x1b[${to.column}C`}`;
}

function paintAll({ prompt, characters, cursor }: View, columns: number): Painted {
  let text = '';
  let row = 0;
  let column = 0;
  let place: Place | undefined;
  const put = (character: string): void => {
    const width = character === '\n' ? 0 : widthOf(character);
    if (character === '\n' || column + width > columns) {
      text += '\r\n';
      row += 1;
      column = 0;
    }
    if (character !== '\n') text += character;
    column += width;
  };
  for (const character of prompt) put(character);
  characters.forEach((character, index) => {
    if (index === cursor) place = placeOf(row, column, columns);
    put(character);
  });
  // A terminal wraps only when the next character comes: this one shows where the cursor is.
  if (column >= columns) {
    text += '\r\n';
    row += 1;
    column = 0;
  }
  const end = { row, column };
  return { text, end, cursor: place ?? end };
}

const placeOf = (row: number, column: number, columns: number): Place =>
  column >= columns ? { row: row + 1, column: 0 } : { row, column };
