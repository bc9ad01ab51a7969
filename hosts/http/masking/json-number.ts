// The grammar of JSON numbers, RFC 8259 §6, as steps over bytes: a number may come in any pieces.

export type NumberState = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Before the first byte. */
export const numberStart: NumberState = 0;

const minus = 1;
const zero = 2;
const integer = 3;
const point = 4;
const fraction = 5;
const exponent = 6;
const exponentSign = 7;
const exponentDigits = 8;

const digitTo: Readonly<Record<NumberState, NumberState | -1>> = {
  0: integer,
  1: integer,
  2: -1,
  3: integer,
  4: fraction,
  5: fraction,
  6: exponentDigits,
  7: exponentDigits,
  8: exponentDigits,
};

/** A number may end here. */
export const isNumberEnd = (state: NumberState): boolean =>
  state === zero || state === integer || state === fraction || state === exponentDigits;

/** States in which any digit leads to the same state: runs of them need no step each. */
export const takesDigits = (state: NumberState): boolean =>
  state === integer || state === fraction || state === exponentDigits;

/** The state behind `byte`, or -1 where it does not belong to the number. */
export const stepNumber = (state: NumberState, byte: number): NumberState | -1 => {
  if (byte === 0x30 && (state === numberStart || state === minus)) return zero;
  if (byte >= 0x30 && byte <= 0x39) return digitTo[state];
  switch (byte) {
    case 0x2d:
      if (state === numberStart) return minus;
      return state === exponent ? exponentSign : -1;
    case 0x2b:
      return state === exponent ? exponentSign : -1;
    case 0x2e:
      return state === zero || state === integer ? point : -1;
    case 0x45:
    case 0x65:
      return state === zero || state === integer || state === fraction ? exponent : -1;
    default:
      return -1;
  }
};
