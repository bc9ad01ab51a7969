// Which values a field mask selects: a subset of JSONPath, RFC 9535, that needs no look ahead.

import { foldName } from './name-table.ts';

/** One segment. `deep` is the descendant segment `..`: any number of levels may lie before it. */
export interface Step {
  readonly deep: boolean;
  /** A folded name, an index, or any child. */
  readonly child: { readonly name: string } | { readonly index: number } | 'any';
}

export type Selector = readonly Step[];

export const selectorStepsMax = 32;
const selectorCharactersMax = 1024;

/** RFC 9535 §2.5.1.1 member-name-shorthand. */
const shorthand = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*/uy;
/** RFC 9535 §2.3.3.1, without negative indexes: those need the end of the array. */
const index = /0|[1-9][0-9]{0,8}/y;
const quoted = /'((?:[^'\\\p{Cc}]|\\.)*)'|"((?:[^"\\\p{Cc}]|\\.)*)"/uy;
const escapeOfName = /\\(?:u([0-9A-Fa-f]{4})|(.))/gu;
const singleEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  '/': '/',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Reads with sticky expressions: each answers the text at the cursor and moves past it. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  get column(): number {
    return this.#at + 1;
  }

  take(literal: string): boolean {
    if (!this.#text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = expression.lastIndex;
    return found;
  }
}

/** The steps of `text`, or what is wrong with it. */
export const parseSelector = (text: string): Selector | { readonly message: string } => {
  if (text.length > selectorCharactersMax) return { message: 'selector is too long' };
  const cursor = new Cursor(text);
  if (!cursor.take('$')) return { message: 'selector must begin with $' };
  const steps: Step[] = [];
  while (!cursor.atEnd) {
    const step = parseStep(cursor);
    if (step === undefined)
      return { message: `selector not understood at column ${cursor.column}` };
    steps.push(step);
  }
  if (steps.length > selectorStepsMax) return { message: `more than ${selectorStepsMax} steps` };
  return steps;
};

const parseStep = (cursor: Cursor): Step | undefined => {
  const deep = cursor.take('..');
  if (cursor.take('[')) return parseBracket(cursor, deep);
  if (!deep && !cursor.take('.')) return undefined;
  if (cursor.take('*')) return { deep, child: 'any' };
  const name = cursor.match(shorthand);
  return name && { deep, child: { name: foldName(name[0]) } };
};

const parseBracket = (cursor: Cursor, deep: boolean): Step | undefined => {
  const child = parseChild(cursor);
  return child !== undefined && cursor.take(']') ? { deep, child } : undefined;
};

const parseChild = (cursor: Cursor): Step['child'] | undefined => {
  if (cursor.take('*')) return 'any';
  const number = cursor.match(index);
  if (number !== undefined) return { index: Number(number[0]) };
  const string = cursor.match(quoted);
  const name = string && unescapeName(string[1] ?? string[2] ?? '');
  return name === undefined ? undefined : { name: foldName(name) };
};

const unescapeName = (text: string): string | undefined => {
  const escapes = [...text.matchAll(escapeOfName)];
  if (
    escapes.some(
      ([, unit, letter]) => unit === undefined && singleEscapes[letter ?? ''] === undefined,
    )
  ) {
    return undefined;
  }
  const name = text.replace(escapeOfName, (_, unit?: string, letter?: string) =>
    unit === undefined
      ? (singleEscapes[letter ?? ''] ?? '')
      : String.fromCharCode(Number.parseInt(unit, 16)),
  );
  return name.isWellFormed() ? name : undefined;
};
