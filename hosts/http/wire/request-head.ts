// The head of a request as it goes to a target over HTTP/1.1 (RFC 9112 §3), made of nothing but what was judged.

import type { CanonicalRequest } from './canonical-request.ts';
import type { HeaderField } from './header-fields.ts';

/** Their requests say that a body is missing (RFC 9110 §8.6). */
const methodsWithBody: ReadonlySet<string> = new Set([
  ...['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'],
]);

export const saysBodyIsMissing = (method: string): boolean => methodsWithBody.has(method);

/**
 * @param extra What the gateway adds: credentials, the assertion.
 * @param authority The target's own, for Host.
 */
export function serialiseHead(
  request: CanonicalRequest,
  extra: readonly HeaderField[],
  authority: string,
): Buffer {
  const { method, path, query, fields } = request;
  const lines: readonly HeaderField[] = [
    ['host', authority],
    ...connectionLines(request),
    ...fields.filter(([name]) => name !== 'te'),
    ...extra,
    ...framingLines(request),
  ];
  const target = query === undefined ? path : `${path}?${query}`;
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n`, 'latin1');
}

function connectionLines({ upgrade }: CanonicalRequest): readonly HeaderField[] {
  if (upgrade === undefined) return [['connection', 'keep-alive']];
  const { key, protocols } = upgrade;
  const asked: HeaderField = ['sec-websocket-protocol', protocols.join(', ')];
  return [
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-version', '13'],
    ['sec-websocket-key', key],
    ...(protocols.length === 0 ? [] : [asked]),
  ];
}

function framingLines({ method, framing }: CanonicalRequest): readonly HeaderField[] {
  if (framing.kind === 'chunked') return [['transfer-encoding', 'chunked']];
  const bytes = framing.kind === 'length' ? framing.bytes : 0;
  const isSaid = bytes > 0 || saysBodyIsMissing(method);
  return isSaid ? [['content-length', String(bytes)]] : [];
}
