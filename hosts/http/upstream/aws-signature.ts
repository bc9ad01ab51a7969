// AWS Signature Version 4 (AWS "Create a signed AWS API request") in the Authorization header.

import { createHash, createHmac } from 'node:crypto';

import type { HeaderField, UnsignedRequest } from './unsigned-request.ts';

export interface AwsKey {
  readonly region: string;
  readonly service: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const unsignedPayload = 'UNSIGNED-PAYLOAD';
/** Keys of objects may hold any character and are encoded once; the body may go unsigned, since TLS protects it. */
const objectServices = new Set(['s3', 's3-object-lambda', 's3-outposts']);
const signedNames = new Set(['content-md5', 'content-type', 'date', 'range']);

export const signsWithoutBody = ({ service }: AwsKey): boolean => objectServices.has(service);

/**
 * The fields to add. Every `x-amz-` field of the request is signed, so it must hold none of the names that are added.
 *
 * @param now milliseconds since the Unix epoch; AWS takes it when it is right to five minutes
 * @throws Error when the hash of the body is missing and the service needs it
 */
export function awsFields(
  request: UnsignedRequest,
  key: AwsKey,
  now: number,
): readonly HeaderField[] {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const payload = request.bodyHash ?? unsignedPayload;
  const unsigned = payload === unsignedPayload;
  if (unsigned && !signsWithoutBody(key)) throw new Error('AWS needs the hash of the body');
  const added: readonly HeaderField[] = [
    ['x-amz-date', time],
    ...(signsWithoutBody(key) ? [['x-amz-content-sha256', payload] as const] : []),
  ];
  const headers = canonicalHeaders(request, added);
  const names = headers.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    canonicalPath(request.path, key),
    canonicalQuery(request.query),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    payload,
  ].join('\n');
  const date = time.slice(0, 8);
  const scope = `${date}/${key.region}/${key.service}/aws4_request`;
  const toSign = [algorithm, time, scope, sha256(canonical)].join('\n');
  const signature = hmac(signingKey(key, date), toSign).toString('hex');
  const credential = `Credential=${key.accessKey}/${scope}`;
  return [
    ...added,
    ['authorization', `${algorithm} ${credential}, SignedHeaders=${names}, Signature=${signature}`],
  ];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const signingKey = ({ secretKey, region, service }: AwsKey, date: string): Buffer =>
  hmac(hmac(hmac(hmac(`AWS4${secretKey}`, date), region), service), 'aws4_request');

/** By name; the values of a name in the order of the request, without the blanks around them. */
function canonicalHeaders(
  { authority, fields }: UnsignedRequest,
  added: readonly HeaderField[],
): readonly HeaderField[] {
  const values = new Map<string, string[]>([['host', [authority]]]);
  for (const [name, value] of [...fields, ...added]) {
    const lower = name.toLowerCase();
    if (!signedNames.has(lower) && !lower.startsWith('x-amz-')) continue;
    const text = value.trim().replace(/ +/g, ' ');
    values.set(lower, [...(values.get(lower) ?? []), text]);
  }
  return Array.from(values, ([name, list]) => [name, list.join(',')] as const).sort(byText);
}

/** The path as it is sent, encoded once more; for objects, as it would be encoded at its strictest. */
function canonicalPath(path: string, key: AwsKey): string {
  if (!signsWithoutBody(key)) return encodePath(path.replace(/\/{2,}/g, '/'));
  return path.split('/').map(reencode).join('/');
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair): HeaderField => {
    const equals = pair.indexOf('=');
    if (equals === -1) return [reencodeForm(pair), ''];
    return [reencodeForm(pair.slice(0, equals)), reencodeForm(pair.slice(equals + 1))];
  });
  return pairs
    .sort(byText)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** By code unit of the name, then of the value: all is ASCII here. */
function byText(a: HeaderField, b: HeaderField): number {
  const differing = a[0] === b[0] ? 1 : 0;
  if (a[differing] === b[differing]) return 0;
  return a[differing] < b[differing] ? -1 : 1;
}

const reencodeForm = (text: string): string => reencode(text.replaceAll('+', '%20'));

/** Decoded once and encoded with nothing but RFC 3986's unreserved characters left; works on bytes, not characters. */
function reencode(text: string): string {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return bytes.replace(/[^\w\-.~]/g, escaped);
}

/** The whole path, its slashes kept. */
const encodePath = (path: string): string => path.replace(/[^\w\-.~/]/g, escaped);

/** @param character one byte, as all characters of a canonical request are */
const escaped = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
