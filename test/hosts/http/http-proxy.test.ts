// Why the host is not built on http-proxy: what it does to a request that the host's own way leaves as one.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import httpProxy from 'http-proxy';

/** Keeps what comes, and answers each head that it sees as a server does that keeps connections open. */
function recordingServer() {
  const received: Buffer[] = [];
  const server = createTcpServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  return { server, received: () => Buffer.concat(received).toString('latin1') };
}

const portOf = (server: { readonly address: () => unknown }): number =>
  (server.address() as AddressInfo).port;

const smuggled = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n';
const chunkedDelete = [
  'DELETE /item HTTP/1.1',
  'Host: x',
  'Transfer-Encoding: chunked',
  '',
  smuggled.length.toString(16),
  smuggled,
  '0',
  '',
  '',
].join('\r\n');

describe('http-proxy 1.18', () => {
  const target = recordingServer();
  const proxy = httpProxy.createProxyServer({});
  const front = createServer((request, response) => {
    proxy.web(request, response, { target: `http://127.0.0.1:${portOf(target.server)}` });
  });

  beforeAll(async () => {
    target.server.listen(0, '127.0.0.1');
    front.listen(0, '127.0.0.1');
    await Promise.all([once(target.server, 'listening'), once(front, 'listening')]);
  });

  afterAll(() => {
    front.closeAllConnections();
    front.close();
    target.server.close();
    proxy.close();
  });

  it('says that a chunked DELETE has no body and sends it all the same: the target reads a second request', async () => {
    const caller = connect(portOf(front), '127.0.0.1');
    caller.write(chunkedDelete);
    await once(caller, 'data');
    caller.destroy();
    const seen = target.received();
    const head = seen.slice(0, seen.indexOf('\r\n\r\n'));
    expect(head).toContain('DELETE /item HTTP/1.1');
    expect(head).toContain('content-length: 0');
    expect(seen.slice(head.length + 4)).toBe(smuggled);
  });
});
