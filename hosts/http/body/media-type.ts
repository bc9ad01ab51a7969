// Content types, RFC 9110 §8.3.1, read so that no server finds another type in the same header.

import { refusal } from './refusal.ts';

export interface MediaType {
  /** `type/subtype` in lower case; empty when the header is absent or empty. */
  readonly essence: string;
  /** By lower-case name; quoted values are unquoted. */
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const essenceSyntax = new RegExp(`^${token}/${token}`);
// A backslash inside quotes is unescaped by some servers only, so none may be there.
const parameterSyntax = new RegExp(
  `[ \\t]*;[ \\t]*(${token})=(?:(${token})|"([^"\\\\\\x00-\\x1f\\x7f-\\uffff]*)")`,
  'y',
);

export const readMediaType = (header: string): MediaType => {
  if (header === '') return { essence: '', parameters: new Map() };
  const essence = essenceSyntax.exec(header)?.[0];
  if (essence === undefined) throw refusal('body-content-type', 'no media type');
  const parameters = new Map<string, string>();
  for (let at = essence.length; at < header.length; at = parameterSyntax.lastIndex) {
    parameterSyntax.lastIndex = at;
    const [, name = '', bare, quoted] = parameterSyntax.exec(header) ?? [];
    const key = name.toLowerCase();
    if (key === '') throw refusal('body-content-type', 'malformed parameter');
    if (parameters.has(key)) throw refusal('body-content-type', 'parameter given twice');
    parameters.set(key, bare ?? quoted ?? '');
  }
  return { essence: essence.toLowerCase(), parameters };
};

export const isJsonType = ({ essence }: MediaType): boolean =>
  essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');

/** Servers honour a charset or ignore it: text is read only where both give the same. */
export const requireUtf8 = ({ parameters }: MediaType): void => {
  const charset = parameters.get('charset')?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8') throw refusal('body-charset');
};
