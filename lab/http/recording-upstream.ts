// A target that keeps every byte it is sent: what a gateway really forwards, whatever a parser would make of it.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';

import { temporaryDirectory } from '../temporary-directory.ts';
import { issueServerCertificate } from './tls.ts';

export interface RecordingUpstream extends AsyncDisposable {
  readonly port: number;
  /** PEM file of the authority that signed its certificate. */
  readonly ca: string;
  /** All bytes since the last call, of all connections, in the order in which they came. */
  readonly take: () => Buffer;
  /**
   * Answers every request with these bytes instead of a keep-alive 200 that echoes the request line.
   *
   * @param closes Whether the connection ends behind them.
   */
  readonly answerWith: (bytes: Buffer | undefined, closes?: boolean) => void;
  readonly stop: () => Promise<void>;
}

interface Canned {
  readonly bytes: Buffer;
  readonly closes: boolean;
}

const headEnd = '\r\n\r\n';

export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const directory = await temporaryDirectory('sallyport-recording-');
  const files = await issueServerCertificate(directory.path);
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
  const sockets = new Set<TLSSocket>();
  let received: Buffer[] = [];
  let canned: Canned | undefined;
  const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
    let unread = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      unread = Buffer.concat([unread, chunk]);
      for (let end = requestEnd(unread); end !== undefined; end = requestEnd(unread)) {
        answer(socket, unread.toString('latin1', 0, unread.indexOf('\r\n')), canned);
        unread = unread.subarray(end);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    await directory.remove();
  };
  return {
    port: address.port,
    ca: files.ca,
    take: () => {
      const taken = Buffer.concat(received);
      received = [];
      return taken;
    },
    answerWith: (bytes, closes = false) => {
      canned = bytes === undefined ? undefined : { bytes, closes };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function answer(socket: TLSSocket, requestLine: string, canned: Canned | undefined): void {
  if (canned !== undefined) {
    if (canned.closes) socket.end(canned.bytes);
    else socket.write(canned.bytes);
    return;
  }
  const body = `${requestLine}\n`;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}`;
  const isHead = requestLine.startsWith('HEAD ');
  socket.write(`${head}${headEnd}${isHead ? '' : body}`, 'latin1');
}

/** Where the first request in the bytes ends, as a plain server reads it; undefined while it is not whole. */
export function requestEnd(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const start = end + headEnd.length;
  if (/^transfer-encoding:.*chunked/im.test(head)) return chunksEnd(bytes, start);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return bytes.length < start + length ? undefined : start + length;
}

function chunksEnd(bytes: Buffer, start: number): number | undefined {
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + (Number.isNaN(size) ? 0 : size) + 2;
    if (next > bytes.length) return undefined;
    if (!(size > 0)) return next;
    at = next;
  }
}
