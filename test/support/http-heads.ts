// Heads of HTTP/1.1 messages, split into what a parser hands on, without any judgement.

import type { RawRequest, RawResponse } from '../../hosts/http/wire/index.ts';

/** Names and values in turn; `name: value` and `name:value` are the same, a line without a colon has no value. */
const rawHeaders = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon < 0) return [line, ''];
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
  });

const linesOf = (head: string): string[] => head.replace(/\r\n\r\n$/, '').split('\r\n');

export function splitRequest(head: string): RawRequest {
  const [first = '', ...lines] = linesOf(head);
  const [method = '', target = '', version = ''] = first.split(' ');
  return {
    // Node's parser takes RTSP and ICE for HTTP.
    version: version.replace(/^[A-Z]+\//, ''),
    method,
    target,
    scheme: 'https',
    rawHeaders: rawHeaders(lines),
  };
}

export function splitResponse(head: string): RawResponse {
  const [first = '', ...lines] = linesOf(head);
  const [version = '', status = ''] = first.split(' ');
  return {
    version: version.replace('HTTP/', ''),
    status: Number(status),
    rawHeaders: rawHeaders(lines),
  };
}
