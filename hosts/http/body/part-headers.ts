// The header lines of one part of multipart/form-data, RFC 7578 §4 and RFC 2046 §5.1.

import { isUtf8 } from 'node:buffer';

import { readMediaType } from './media-type.ts';
import { refusal } from './refusal.ts';

export interface PartHeaders {
  readonly name: string;
  /** Empty when the part is no file. */
  readonly filename: string;
  /** Lower-case media type; text/plain when the part names none (RFC 7578 §4.4). */
  readonly contentType: string;
  /** What the part claims to be long, checked against what it is; some clients send it. */
  readonly contentLength: number | undefined;
}

const allowed = new Set([
  'content-disposition',
  'content-type',
  'content-length',
  'content-transfer-encoding',
]);
/** These change nothing; base64 and quoted-printable are decoded by some servers only. */
const identityEncodings = new Set(['7bit', '8bit', 'binary']);

const lineSyntax = /^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$/s;
const control = /[\p{Cc}]/u;

/** `bytes` are the lines up to the empty one, without it. */
export const readPartHeaders = (bytes: Buffer): PartHeaders => {
  if (!isUtf8(bytes)) throw refusal('body-charset', 'header of a part');
  const lines = new Map<string, string>();
  for (const line of bytes.toString('utf8').split('\r\n')) {
    const [, name = '', value = ''] = lineSyntax.exec(line) ?? [];
    const key = name.toLowerCase();
    if (!allowed.has(key) || lines.has(key)) throw refusal('multipart-header');
    if (control.test(value)) throw refusal('multipart-header', 'control character');
    lines.set(key, value);
  }
  const encoding = lines.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  if (!identityEncodings.has(encoding)) throw refusal('multipart-header', 'transfer encoding');
  return {
    ...readDisposition(lines.get('content-disposition') ?? ''),
    contentType: partType(lines.get('content-type')),
    contentLength: partLength(lines.get('content-length')),
  };
};

const partType = (value: string | undefined): string => {
  const { essence } = readMediaType(value ?? 'text/plain');
  if (essence === '') throw refusal('multipart-header', 'empty content type');
  if (/^(?:multipart|message)\//.test(essence)) throw refusal('multipart-nested');
  return essence;
};

const partLength = (value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw refusal('multipart-header', 'content length');
  return Number(value);
};

// One spelling of each parameter, quoted, once. Servers differ about backslashes and semicolons inside the quotes,
// about `filename*`, and about names without quotes; clients write quotes and %22.
const dispositionSyntax =
  /^form-data; ?name="([^"\\;]+)"(?:; ?filename="([^"\\;]*)")?$|^form-data; ?filename="([^"\\;]*)"; ?name="([^"\\;]+)"$/i;

const readDisposition = (value: string): Pick<PartHeaders, 'name' | 'filename'> => {
  const match = dispositionSyntax.exec(value);
  const name = match?.[1] ?? match?.[4];
  if (name === undefined) throw refusal('multipart-disposition');
  // Servers decode all other parts by it.
  if (name === '_charset_') throw refusal('form-charset');
  return { name, filename: match?.[2] ?? match?.[3] ?? '' };
};
