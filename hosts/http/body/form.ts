// application/x-www-form-urlencoded, WHATWG URL §5, as its serializer writes it and as all servers cut it alike.

import { isUtf8 } from 'node:buffer';

import { refusal } from './refusal.ts';

// A type, not an interface: facts must be assignable to `JsonObject`.
export type FormField = {
  readonly name: string;
  readonly value: string;
};

const hex = /^[0-9a-fA-F]{2}/;

/** In the order sent. Two fields of one name stay two: servers take the first, the last or both. */
export const readForm = (body: Buffer): readonly FormField[] => {
  // A percent sequence may not complete bare bytes: servers that decode to text first would find other text.
  if (!isUtf8(body)) throw refusal('body-charset');
  const text = body.toString('latin1');
  return text === '' ? [] : text.split('&').map(readField);
};

const readField = (field: string): FormField => {
  // Some servers end a field at a semicolon too.
  if (field.includes(';')) throw refusal('form-syntax', 'a bare semicolon');
  const equals = field.indexOf('=');
  const name = decode(equals === -1 ? field : field.slice(0, equals));
  if (name === '') throw refusal('form-syntax', 'a field without a name');
  // Browsers fill it in, and servers decode all other fields by it.
  if (name === '_charset_') throw refusal('form-charset');
  return { name, value: equals === -1 ? '' : decode(field.slice(equals + 1)) };
};

const decode = (encoded: string): string => {
  const bytes = Buffer.alloc(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at += 1) {
    const [byte, taken] = byteAt(encoded, at);
    if (byte === 0) throw refusal('form-encoding', 'NUL');
    length = bytes.writeUInt8(byte, length);
    at += taken - 1;
  }
  const decoded = bytes.subarray(0, length);
  if (!isUtf8(decoded)) throw refusal('body-charset');
  return decoded.toString('utf8');
};

const byteAt = (encoded: string, at: number): readonly [byte: number, taken: number] => {
  const code = encoded.charCodeAt(at);
  if (code === 0x2b) return [0x20, 1];
  if (code === 0x25) {
    const digits = hex.exec(encoded.slice(at + 1, at + 3))?.[0];
    if (digits === undefined) throw refusal('form-encoding', 'a percent sign without two digits');
    return [parseInt(digits, 16), 3];
  }
  if (code <= 0x20 || code === 0x7f) throw refusal('form-encoding', 'a bare control or space');
  return [code, 1];
};
