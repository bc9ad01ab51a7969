// Numbers of JSON that every reader takes for the same value, RFC 8259 §6.

import { refusal } from './refusal.ts';

/** No number that a double holds exactly needs more; a longer one would only cost time. */
const literalCharactersMax = 64;

/** Up to fifteen digits come out of a double as they went in. */
const exact = /^[-.\d]{1,15}$/;

/** `literal` follows JSON's grammar; `offset` is where it starts. */
export const exactNumber = (literal: string, offset: number): number => {
  const value = literal.length > literalCharactersMax ? NaN : Number(literal);
  if (exact.test(literal)) return value;
  if (!Number.isFinite(value)) throw refusal('json-number', `too large or too long at ${offset}`);
  // One reader keeps every digit of an id, another rounds it to a double: they would mean two things.
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw refusal('json-number', `beyond 2^53 at ${offset}`);
  }
  if (decimalOf(literal) !== decimalOf(String(value))) {
    throw refusal('json-number', `more digits than a double keeps at ${offset}`);
  }
  return value;
};

/** Sign, digits without zeros at their ends, and exponent: equal for all spellings of one decimal number. */
const decimalOf = (text: string): string => {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  let start = 0;
  while (digits[start] === '0') start += 1;
  let end = digits.length;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return '0';
  const power = Number(exponent) - fraction.length + (digits.length - end);
  return `${sign}${digits.slice(start, end)}e${power}`;
};
