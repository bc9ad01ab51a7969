// A request as it goes to a target over HTTP/1.1 (RFC 9112 §3, §6), framed by the length of what is sent and by nothing else.

import { UpstreamError } from '#engine';

import { saysBodyIsMissing } from '../wire/index.ts';
import type { UpstreamRequest } from './upstream-request.ts';

/** Whose body is at hand, or is none. */
export interface WholeRequest extends UpstreamRequest {
  readonly body: Buffer | null;
}

export const isWhole = (request: UpstreamRequest): request is WholeRequest =>
  request.body === null || Buffer.isBuffer(request.body);

const unsendable = /[^\t\x20-\x7e\x80-\xff]/;
const unsendableToken = /[^\x21-\x7e]/;

/**
 * Its head, in Latin-1. What was judged has no line break in it, and nothing else may have one either.
 *
 * @throws UpstreamError `upstream-broken`
 */
export function requestHead({ method, path, headers, body }: WholeRequest): string {
  if (unsendableToken.test(method) || unsendableToken.test(path)) throw unsendableRequest();
  let fields = `connection: ${method === 'HEAD' ? 'close' : 'keep-alive'}\r\n`;
  let host = '';
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (unsendableToken.test(name) || unsendable.test(value)) throw unsendableRequest();
    if (name === 'host') host = value;
    else if (name !== 'content-length') fields += `${name}: ${value}\r\n`;
  }
  const bytes = body === null ? 0 : body.length;
  if (bytes > 0 || saysBodyIsMissing(method)) fields += `content-length: ${bytes}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${fields}\r\n`;
}

const unsendableRequest = (): UpstreamError =>
  new UpstreamError('upstream-broken', 'the request cannot be sent: it would end in its middle');
