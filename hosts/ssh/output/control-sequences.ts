// Which control sequences reach a terminal: ECMA-48, DEC VT and "XTerm Control Sequences". What is not named here does not.

import { byteClass } from '#engine/masking';

/** `any` parameters, at most `one`, or only these (none counts as 0). */
type Parameters = 'any' | 'one' | readonly number[];

/** DEC private modes that change the picture, not what the terminal sends of its own accord. */
const privateModes = [
  1, // DECCKM, application cursor keys
  5, // DECSCNM, reverse video
  6, // DECOM, origin
  7, // DECAWM, wrap
  12, // blinking cursor
  25, // DECTCEM, cursor
  45, // reverse wrap
  47, // alternate screen, also 1047 and 1049
  66, // DECNKM, application keypad
  1047,
  1048, // saved cursor
  1049,
  2004, // bracketed paste: protects the caller
  2026, // synchronized output
];

/** CSI (ECMA-48 §5.4) by private prefix, intermediate bytes and final byte. */
const sequences: ReadonlyMap<string, Parameters> = new Map<string, Parameters>([
  // Cursor, tabs, erasing, inserting, scrolling, repetition, margins, colours.
  ...Array.from('@ABCDEFGHIKLMPSXZ`abdefgmrsu', (final) => [final, 'any'] as const),
  ['T', 'one'], // more of them begin mouse highlighting
  ['J', [0, 1, 2]], // 3 erases what the caller could scroll back to
  ['h', [4]], // IRM, insert
  ['l', [4]],
  ['?h', privateModes],
  ['?l', privateModes],
  ['?J', [0, 1, 2]],
  ['?K', 'any'],
  ['!p', 'any'], // DECSTR, soft reset
  [' q', 'any'], // DECSCUSR, shape of the cursor
]);

/** ESC and these bytes (ECMA-35 §13.2). */
const escapes = new Set([
  ...['7', '8', '=', '>', 'D', 'E', 'H', 'M'],
  ...['(', ')', '*', '+'].flatMap((set) => ['0', 'A', 'B'].map((name) => set + name)),
  '%G', // UTF-8; `%@` would leave it
]);

/** OSC, DCS, SOS, PM, APC: clipboard, title, links, palette, notifications, files, settings of the terminal. */
const strings = byteClass(']]', 'PP', 'XX', '^^', '__');
/** What ends such a string, as terminals see it; ESC begins the next sequence. */
export const endsString = byteClass('\x07\x07', '\x18\x18', '\x1a\x1b');

/** Longer ones are none that a program writes. */
export const sequenceBytesMax = 64;
/** Terminals have stumbled over counts that are larger. */
const digitsMax = 5;

const privatePrefixes = byteClass('<?');
const parameterBytes = byteClass('0;');
const digits = byteClass('09');
const intermediates = byteClass(' /');
const finals = byteClass('@~');
const escapeFinals = byteClass('0~');
const bracket = 0x5b;

/**
 * The sequence at `input[at]`, an ESC. `string`: what follows, up to its terminator, is to be dropped. Undefined: more input
 * must tell.
 */
export type Sequence =
  | { readonly kind: 'keep' | 'drop'; readonly end: number }
  | { readonly kind: 'string'; readonly end: number }
  | undefined;

export const sequenceAt = (input: Buffer, at: number): Sequence => {
  const second = input[at + 1];
  if (second === undefined) return undefined;
  if (second === bracket) return controlSequence(input, at);
  if (strings[second] === 1) return { kind: 'string', end: at + 2 };
  return escapeSequence(input, at);
};

const escapeSequence = (input: Buffer, at: number): Sequence => {
  let end = at + 1;
  while (intermediates[input[end] ?? 0] === 1 && end < at + sequenceBytesMax) end += 1;
  const final = input[end];
  if (final === undefined) return undefined;
  if (escapeFinals[final] !== 1) return { kind: 'drop', end };
  end += 1;
  const isKept = escapes.has(input.toString('latin1', at + 1, end));
  return { kind: isKept ? 'keep' : 'drop', end };
};

const controlSequence = (input: Buffer, at: number): Sequence => {
  const limit = at + sequenceBytesMax;
  const parametersAt = at + (privatePrefixes[input[at + 2] ?? 0] === 1 ? 3 : 2);
  let end = parametersAt;
  let digitsInRow = 0;
  let isLong = false;
  for (; parameterBytes[input[end] ?? 0] === 1 && end < limit; end += 1) {
    digitsInRow = digits[input[end] ?? 0] === 1 ? digitsInRow + 1 : 0;
    if (digitsInRow > digitsMax) isLong = true;
  }
  const parametersEnd = end;
  while (intermediates[input[end] ?? 0] === 1 && end < limit) end += 1;
  const final = input[end];
  if (final === undefined) return undefined;
  if (finals[final] !== 1) return { kind: 'drop', end };
  end += 1;
  if (isLong) return { kind: 'drop', end };
  const name =
    input.toString('latin1', at + 2, parametersAt) + input.toString('latin1', parametersEnd, end);
  const rule = sequences.get(name);
  const isKept = rule === 'any' || isAllowed(rule, input, parametersAt, parametersEnd);
  return { kind: isKept ? 'keep' : 'drop', end };
};

const isAllowed = (
  rule: Exclude<Parameters, 'any'> | undefined,
  input: Buffer,
  start: number,
  end: number,
): boolean => {
  if (rule === undefined) return false;
  const parameters = input.toString('latin1', start, end).split(';');
  if (rule === 'one') return parameters.length === 1;
  return parameters.every(
    (parameter) => /^[0-9]*$/.test(parameter) && rule.includes(Number(parameter)),
  );
};
