// Words to values: what bash's expansions (manual §3.5) can make of them, as far as the text tells.

import type { Word, WordPart } from 'unbash';

import { expandBraces } from './braces.ts';
import { knownOutput } from './outputs.ts';
import type { Place, Reading } from './place.ts';
import { readHidden, readInner } from './substitutions.ts';
import type { Value } from './value.ts';
import { isNumber, literal, open } from './value.ts';

/** A stretch of a word; pieces next to each other make up its value. */
type Piece = Value;

interface WordContext {
  readonly reading: Reading;
  readonly place: Place;
  readonly quoted: boolean;
}

/** Every word of argv that this one may become. */
export function readWord(word: Word, reading: Reading, place: Place): readonly Value[] {
  checkContinuation(word, reading);
  const parts = word.parts;
  if (parts?.some(({ type }) => type === 'BraceExpansion')) return bracedWord(word, reading, place);
  const context = { reading, place, quoted: false };
  if (parts === undefined) return [bareWord(word, context)];
  if (mayBrace(parts)) {
    for (const part of parts) partPieces(part, context);
    return [open(false)];
  }
  const pieces = parts.flatMap((part, at) =>
    part.type === 'Literal'
      ? plainPieces(part.text, part.value, at === 0, at === parts.length - 1)
      : partPieces(part, context),
  );
  return [joinedValue(pieces)];
}

/** A word where no brace expansion happens and only one word can come of it: of an assignment, a redirect, a `case`. */
export function readSingle(word: Word, reading: Reading, place: Place): Value {
  const values = readWord(word, reading, place);
  return values.length === 1 ? (values[0] ?? open(true)) : open(true);
}

/** bash joins lines before it looks at words: a name or an operator may go on after it. */
function checkContinuation(word: Word, { found }: Reading): void {
  if (!word.text.includes('\\\n')) return;
  const single = word.parts?.filter(({ type }) => type === 'SingleQuoted') ?? [];
  const inSingle = single.reduce((sum, { text }) => sum + text.split('\\\n').length - 1, 0);
  if (word.text.split('\\\n').length - 1 > inSingle) found.doubt('continuation');
}

/** Words whose parts are not told have nothing in them but characters and backslashes. */
function bareWord(word: Word, { reading }: WordContext): Value {
  const plain = word.text.replaceAll(/\\[\s\S]/g, '');
  if (/[$`'"*?()<>|&;]/.test(plain) || isBracketed(plain)) {
    reading.found.doubt('unread');
    return open(false);
  }
  if (isBraced(plain)) return open(false);
  return joinedValue(plainPieces(word.text, word.value, true, true));
}

const isBracketed = (text: string): boolean => {
  const from = text.indexOf('[');
  return from !== -1 && text.includes(']', from);
};

/** Unquoted text that bash might take for a brace expansion where the parser does not. */
function isBraced(text: string): boolean {
  const from = text.indexOf('{');
  const to = text.lastIndexOf('}');
  return from !== -1 && from < to && /,|\.\./.test(text.slice(from, to));
}

/** Longer ones are not expanded here. */
const bracedLengthMax = 256;

const mayBrace = (parts: readonly WordPart[]): boolean =>
  parts.some((part) => part.type === 'Literal' && part.text.includes('{')) &&
  isBraced(parts.map((part) => (part.type === 'Literal' ? part.text : '_')).join(''));

function bracedWord(word: Word, reading: Reading, place: Place): readonly Value[] {
  for (const part of word.parts ?? []) readHidden(part, reading, place);
  if (word.text.length > bracedLengthMax || !/^[\w./,:=@%+{}*?~^-]+$/.test(word.text)) {
    return [open(false)];
  }
  const texts = expandBraces(word.text);
  // dash takes the word as it is: a path with a slash in its braces would be another one.
  if (/\{[^}]*\/[^{]*\}/.test(word.text)) reading.found.doubt('dialect');
  if (texts === undefined) return [open(false)];
  return texts.filter((text) => text !== '').map((text) => joinedValue(globPieces(text)));
}

const globPieces = (text: string): readonly Piece[] =>
  /[*?]/.test(text)
    ? [{ kind: 'pattern', text, single: false, dash: /^[-*?]/.test(text) }]
    : plainPieces(text, text, true, true);

/** Unquoted text: nothing happens to it but the expansion of tildes. */
function plainPieces(
  text: string,
  value: string,
  isFirst: boolean,
  isLast: boolean,
): readonly Piece[] {
  // In words like `prefix=~/x`, bash expands a tilde, dash does not.
  if (/[=:]~/.test(text)) return [open(true, false)];
  if (!isFirst || !text.startsWith('~')) return [literal(value)];
  const prefix = /^~(?:[a-zA-Z_][\w.-]*)?(?=\/|$)/.exec(text)?.[0];
  if (prefix === undefined || (prefix === text && !isLast)) return [open(true, false)];
  return [{ kind: 'pattern', text: value, single: true, dash: false }];
}

function partPieces(part: WordPart, context: WordContext): readonly Piece[] {
  const { reading, place } = context;
  switch (part.type) {
    case 'Literal':
      return [literal(part.value)];
    case 'SingleQuoted':
      return [literal(part.value)];
    case 'AnsiCQuoted':
      return [ansiPiece(part.text, part.value, reading)];
    case 'DoubleQuoted':
      return [
        literal(''),
        ...part.parts.flatMap((child) => partPieces(child, { ...context, quoted: true })),
      ];
    case 'Glob':
      readHidden(part, reading, place);
      // Quotes and expansions between brackets make another pattern than the one that is written.
      if (/[$`'"\\]/.test(part.text)) return [open(false)];
      return [{ kind: 'pattern', text: part.text, single: false, dash: true }];
    case 'SimpleExpansion':
      return [variablePiece(part.text.slice(1), context)];
    case 'ParameterExpansion':
      readHidden(part, reading, place);
      return part.operation === undefined && part.prefix === undefined && part.index === undefined
        ? [variablePiece(part.parameter, context)]
        : [
            part.prefix === '#' && part.operation === undefined
              ? numberPiece
              : open(context.quoted),
          ];
    case 'ArithmeticExpansion':
      readHidden(part, reading, place);
      return [{ ...numberPiece, dash: true }];
    case 'CommandExpansion':
      readInner(part, reading, place);
      return [outputPiece(part.text, context.quoted)];
    case 'ProcessSubstitution':
      readInner(part, reading, place);
      return [{ kind: 'pattern', text: '/dev/fd/*', single: true, dash: false }];
    case 'LocaleString':
      for (const child of part.parts) partPieces(child, { ...context, quoted: true });
      reading.found.doubt('quoting');
      return [open(true)];
    case 'ExtendedGlob':
      readHidden(part, reading, place);
      // An option of the shell decides whether it is one; else the line is no shell at all.
      reading.found.doubt('syntax');
      return [open(false)];
    case 'BraceExpansion':
      readHidden(part, reading, place);
      return [open(false)];
    default:
      return part satisfies never;
  }
}

const numberPiece = { kind: 'pattern', text: '*', single: true, dash: false } as const;

/** dash reads `$'a'` as `$a`: the same extent, unless a quote is escaped in it. */
function ansiPiece(text: string, value: string, { found }: Reading): Piece {
  if (text.includes("\\'")) found.doubt('dialect');
  if (/^\$'(?:[^\\]|\\[nt\\'"abefrv])*'$/.test(text)) return literal(value);
  found.doubt('quoting');
  return open(true);
}

function variablePiece(name: string, { reading, place, quoted }: WordContext): Piece {
  if (name === 'HOME') return { kind: 'pattern', text: '~', single: true, dash: false };
  if (/^[?#$!]$/.test(name)) return numberPiece;
  const bound = place.bound.get(name);
  if (bound === undefined) return open(quoted);
  reading.found.believe(name, isNumber(bound) ? 'number' : 'value');
  if (quoted) return bound;
  if (bound.kind === 'literal') return /^[\w./:=@%+,-]+$/.test(bound.text) ? bound : open(false);
  // The name of a file may have a space in it, and what is behind it would be a word of its own.
  return isNumber(bound) || (bound.kind === 'pattern' && bound.text === '*' && bound.single)
    ? bound
    : open(false);
}

function outputPiece(text: string, quoted: boolean): Piece {
  const script = text.startsWith('`') ? text.slice(1, -1) : text.slice(2, -1);
  switch (knownOutput(script)) {
    case 'word':
      return numberPiece;
    case 'numbers':
      return { ...numberPiece, single: quoted };
    case undefined:
      return open(quoted);
  }
}

function joinedValue(pieces: readonly Piece[]): Value {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  if (pieces.every((piece) => piece.kind === 'literal')) {
    return literal(pieces.map(({ text }) => text).join(''));
  }
  const single = pieces.every((piece) => piece.kind === 'literal' || piece.single);
  const first = pieces.find((piece) => piece.kind !== 'literal' || piece.text !== '');
  const starts =
    first === undefined || (first.kind === 'literal' ? first.text.startsWith('-') : first.dash);
  // A glob alone makes words that begin as it does; what is split may begin anywhere.
  const isGlob = pieces.every(({ kind }) => kind !== 'open');
  const dash = starts || (!single && !isGlob);
  if (!isGlob) return { kind: 'open', single, dash };
  return {
    kind: 'pattern',
    text: pieces.map((piece) => (piece.kind === 'open' ? '' : piece.text)).join(''),
    single,
    dash,
  };
}
