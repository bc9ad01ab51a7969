// The calling side of the control socket, for the command line.

import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';

import type { ControlFailure } from './protocol.ts';

const timeoutMilliseconds = 10_000;
const replyBytesMax = 16 * 1024 * 1024;

export interface ControlRequest {
  readonly socket: string;
  readonly token: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

export type ControlReply =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly error: ControlFailure }
  | { readonly kind: 'unreachable'; readonly why: string };

/** Never rejects: that nobody answers, or answers no, are values. */
export async function callControl(call: ControlRequest): Promise<ControlReply> {
  try {
    const response = await send(call);
    const body = JSON.parse(await readAll(response)) as { readonly error?: ControlFailure };
    if (body.error !== undefined) return { kind: 'refused', error: body.error };
    return { kind: 'answered', body };
  } catch (error) {
    return { kind: 'unreachable', why: error instanceof Error ? error.message : String(error) };
  }
}

function send({ socket, token, method, path, body }: ControlRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = httpRequest(
    {
      socketPath: socket,
      method,
      path,
      timeout: timeoutMilliseconds,
      headers: { host: 'sallyport', authorization: `Bearer ${token}` },
    },
    resolve,
  );
  request.once('error', reject);
  request.once('timeout', () => {
    request.destroy(new Error('the gateway does not answer'));
  });
  request.end(body === undefined ? '' : JSON.stringify(body));
  return promise;
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > replyBytesMax) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
