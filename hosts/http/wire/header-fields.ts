// Header fields (RFC 9110 §5, RFC 9112 §5): pairs of name and value that every server reads alike.

import { broken, brokenResponse, requestRules } from './rules.ts';

/** The name in lower case; the value as text of one byte a character. */
export type HeaderField = readonly [name: string, value: string];

const fieldsMax = 128;

/**
 * RFC 9110 allows more. But servers that hand fields to programs as variables turn what is neither letter nor digit
 * into `_` (RFC 3875 §4.1.18), so `x.user` would be read as `x-user`.
 */
const requestName = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;
const responseName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Visible ASCII with spaces and tabs inside only. Other bytes are UTF-8 for one server and Latin-1 for the next. */
const requestValue = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/;
/** Nobody judges an answer's fields, so its bytes outside ASCII are the caller's to read. */
const responseValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** @throws BrokenRequest */
export function readRequestFields(rawHeaders: readonly string[], version: string): HeaderField[] {
  if (rawHeaders.length > 2 * fieldsMax) throw broken('header-count');
  const fields: HeaderField[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (raw.includes('_')) throw broken('header-underscore');
    const name = raw.toLowerCase();
    // RFC 9113 §8.2.1
    const isLower = version !== '2' || name === raw;
    if (!requestName.test(raw) || !isLower) throw broken('header-name');
    if (!requestValue.test(value))
      throw broken('header-value', `${name}: ${requestRules['header-value']}`);
    fields.push([name, value]);
  }
  return fields;
}

/** @throws BrokenResponse */
export function readResponseFields(rawHeaders: readonly string[]): HeaderField[] {
  if (rawHeaders.length > 2 * fieldsMax) throw brokenResponse('response-header-count');
  const fields: HeaderField[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] ?? '';
    const value = rawHeaders[at + 1] ?? '';
    if (!responseName.test(raw)) throw brokenResponse('response-header-name');
    if (!responseValue.test(value)) throw brokenResponse('response-header-value');
    fields.push([raw.toLowerCase(), trimmed(value)]);
  }
  return fields;
}

/** Names and values in turn, as node and undici take them. */
export function flatFields(fields: readonly HeaderField[]): string[] {
  const flat: string[] = [];
  for (const [name, value] of fields) flat.push(name, value);
  return flat;
}

const outerSpace = /^[\t ]|[\t ]$/;

/** Without optional whitespace (RFC 9110 §5.6.3), of which there is none as a rule. */
const trimmed = (value: string): string =>
  outerSpace.test(value) ? value.replace(/^[\t ]+|[\t ]+$/g, '') : value;

/** A loop: every request is looked through for some ten names. */
export function valuesOf(fields: readonly HeaderField[], name: string): readonly string[] {
  const values: string[] = [];
  for (const field of fields) if (field[0] === name) values.push(field[1]);
  return values;
}

/** Of a field that is a comma-separated list, on as many lines as its sender liked (RFC 9110 §5.6.1). */
export function listOf(fields: readonly HeaderField[], name: string): readonly string[] {
  const values = valuesOf(fields, name);
  // Mostly one line with one item: every Connection of every request and answer.
  if (values.length === 0 || isOneItem(values)) return values;
  return values
    .flatMap((value) => value.split(','))
    .map(trimmed)
    .filter((item) => item !== '');
}

const isOneItem = ([value = '', ...others]: readonly string[]): boolean =>
  others.length === 0 && value !== '' && !value.includes(',') && !outerSpace.test(value);

/** The first name of `names` that stands more than once. */
export function repeatedName(
  fields: readonly HeaderField[],
  names: ReadonlySet<string>,
): string | undefined {
  const seen: string[] = [];
  for (const [name] of fields) {
    if (!names.has(name)) continue;
    if (seen.includes(name)) return name;
    seen.push(name);
  }
  return undefined;
}
