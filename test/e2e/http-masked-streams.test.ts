// Masked WebSockets and gRPC through a real gateway: a target that plants a canary in every kind of frame shows it to nobody.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { ServerHttp2Stream } from 'node:http2';
import { connect, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';

import type { Origin } from '#lab';
import { issueServerCertificate, startOrigin, temporaryDirectory } from '#lab';

import {
  ask,
  maskedPrincipals,
  maskingPolicies,
  versions,
} from '../adversarial/http/masked-arena.ts';
import { canary, document } from '../adversarial/http/masked-case.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

let origin: Origin;
let gateway: HttpGateway;
const server = new WebSocketServer({ noServer: true });
/** What the target does with a stream that was opened, or with the socket of one that it refuses. */
let act: (stream: WebSocket) => void = () => undefined;
let decline: ((socket: Duplex) => void) | undefined;

beforeAll(async () => {
  origin = await startOrigin();
  origin.server.on('upgrade', (request, socket, head) => {
    if (decline !== undefined) decline(socket);
    else server.handleUpgrade(request, socket, head, (stream) => act(stream));
  });
  gateway = await HttpGateway.start({
    targets: { app: httpTarget(origin) },
    policies: maskingPolicies,
    principals: maskedPrincipals,
  });
});

afterAll(async () => {
  await gateway.stop();
  await origin.stop();
});

interface Received {
  /** Messages, pings and pongs as text, then the close. */
  readonly all: readonly string[];
  readonly code: number;
}

/** Every byte that a caller can see of a stream, to its end. */
async function receive(principal = 'ada'): Promise<Received> {
  const { Host, Authorization } = gateway.headers('app', principal);
  const stream = new WebSocket(`wss://127.0.0.1:${gateway.port}/stream`, ['chat'], {
    ...{ ca: gateway.ca, servername: 'localhost' },
    headers: { Host, Authorization },
  });
  const all: string[] = [];
  stream.on('upgrade', (response) => all.push(response.rawHeaders.join(' ')));
  stream.on('unexpected-response', (_, response) => {
    all.push(`${response.statusCode ?? 0} ${response.rawHeaders.join(' ')}`);
    response.on('data', (chunk: Buffer) => all.push(chunk.toString('latin1')));
    response.on('close', () => stream.emit('close', 0, Buffer.alloc(0)));
  });
  for (const event of ['message', 'ping', 'pong'] as const) {
    stream.on(event, (payload: Buffer) => all.push(payload.toString('latin1')));
  }
  const { promise, resolve } = Promise.withResolvers<Received>();
  stream.on('error', () => undefined);
  stream.on('close', (code, reason) => resolve({ all: [...all, reason.toString()], code }));
  return promise;
}

const clean = 1000;
const policyViolation = 1008;

describe('a WebSocket of a masked caller', () => {
  it.each<[string, (stream: WebSocket) => void, number]>([
    ['JSON', (stream) => stream.send(document, () => stream.close(clean)), clean],
    [
      'fragments',
      (stream) => {
        for (const character of document) stream.send(character, { fin: false });
        stream.send('', () => stream.close(clean));
      },
      clean,
    ],
    [
      'JSON in a text',
      (stream) => stream.send(JSON.stringify(document), () => stream.close(clean)),
      clean,
    ],
    ['text', (stream) => stream.send(`to ${canary}`), policyViolation],
    ['text around JSON', (stream) => stream.send(`42["event",${document}]`), policyViolation],
    ['two documents', (stream) => stream.send(`{}${document}`), policyViolation],
    ['half a document', (stream) => stream.send(document.slice(0, 40)), policyViolation],
    ['a name twice', (stream) => stream.send(`{"email":1,"email":"${canary}"}`), policyViolation],
    ['binary JSON', (stream) => stream.send(Buffer.from(document)), policyViolation],
    ['no text', (stream) => stream.send('', () => stream.close(clean)), clean],
    ['a ping', (stream) => stream.ping(canary, false, () => stream.close(clean)), clean],
    ['a pong', (stream) => stream.pong(canary, false, () => stream.close(clean)), clean],
    ['the reason of a close', (stream) => stream.close(clean, canary), clean],
    ['a code of a close', (stream) => stream.close(4999, canary), 4999],
    [
      'a ping between fragments',
      (stream) => {
        stream.send(document.slice(0, 20), { fin: false });
        stream.ping(canary);
        stream.send(document.slice(20), () => stream.close(clean));
      },
      clean,
    ],
    [
      'a message that breaks off',
      (stream) => {
        stream.send(document.slice(0, 40), { fin: false }, () => stream.terminate());
      },
      1014,
    ],
  ])('shows nothing of %s', async (_, plant, code) => {
    act = plant;
    const received = await receive();
    expect(received.all.join('\n')).not.toMatch(/canary|7f3a|bird/i);
    expect(received.code).toBe(code);
  });

  it('gets what its masks leave, message by message', async () => {
    act = (stream) => {
      stream.send(document);
      stream.send(`[${document}]`, () => stream.close(clean));
    };
    const { all } = await receive();
    const left = document.replace(canary, '***');
    expect(all).toEqual(expect.arrayContaining([left, `[${left}]`]));
  });

  it('is open as it is to a caller without masks', async () => {
    act = (stream) => {
      stream.send(`to ${canary}`, () => stream.close(clean, canary));
    };
    const { all, code } = await receive('reader');
    expect(all.slice(-2)).toEqual([`to ${canary}`, canary]);
    expect(code).toBe(clean);
  });

  it.each([
    [`HTTP/1.1 403 ${canary}\r\nX: ${canary}\r\nContent-Length: 24\r\n\r\n${canary}`],
    [`HTTP/1.1 101 ${canary}\r\nUpgrade: ${canary}\r\n\r\n${canary}`],
    [
      `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${canary}\r\n\r\n`,
    ],
    [`${canary}\r\n\r\n`],
  ])('shows nothing of a handshake that fails: %j', async (answer) => {
    decline = (socket) => socket.end(answer);
    const { all } = await receive();
    decline = undefined;
    expect(all.join('\n')).toMatch(/^(?:403|502) /);
    expect(all.join('\n')).not.toMatch(/canary|7f3a|bird/i);
  });
});

describe('gRPC of a masked caller', () => {
  it('is refused', async () => {
    origin.server.removeAllListeners('request');
    origin.server.on('request', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/grpc', trailer: 'grpc-message' });
      response.addTrailers({ 'grpc-message': canary, 'grpc-status': '0' });
      response.end(Buffer.from(`\0\0\0\0\x18${canary}`, 'latin1'));
    });
    const { ca, port } = gateway;
    const session = connect(`https://127.0.0.1:${port}`, { ca, servername: 'localhost' });
    const { Host: authority, Authorization: authorization } = gateway.headers('app');
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/shop.Users/Get', ':authority': authority, authorization },
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    });
    const seen: string[] = [];
    for (const event of ['response', 'trailers', 'headers'] as const) {
      stream.on(event, (fields: object) => seen.push(JSON.stringify(fields)));
    }
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString('latin1')));
    stream.end(Buffer.alloc(5));
    await once(stream, 'close');
    session.destroy();
    expect(seen.join('\n')).toMatch(/"grpc-status":"[1-9]/);
    expect(seen.join('\n')).not.toMatch(/canary|7f3a|bird/i);
  });
});

describe('a target that is asked over HTTP/2', () => {
  it('shows a masked caller nothing, in hints, fields and trailers', async () => {
    await using directory = await temporaryDirectory('sallyport-masked-http2-');
    const files = await issueServerCertificate(directory.path);
    const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
    const target = createSecureServer({ cert, key });
    const asked: object[] = [];
    target.on('stream', (stream: ServerHttp2Stream, headers) => {
      asked.push(headers);
      stream.additionalHeaders({ ':status': 103, link: `</${canary}>` });
      const fields = { 'content-type': 'application/json', etag: canary, 'x-email': canary };
      stream.respond(fields, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': canary }));
      stream.end(document);
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as AddressInfo;
    const masked = await HttpGateway.start({
      targets: { app: { ...httpTarget({ port, ca: files.ca }), http2: true } },
      policies: maskingPolicies,
      principals: maskedPrincipals,
    });
    for (const version of versions) {
      const fields = { range: 'bytes=0-1', 'if-none-match': '*', 'accept-encoding': 'br' };
      const { status, body, all } = await ask(version, masked, { fields });
      expect({ status, body }).toEqual({ status: 200, body: document.replace(canary, '***') });
      expect(all).not.toMatch(/canary|7f3a|bird/i);
    }
    expect(asked).toHaveLength(versions.length);
    for (const headers of asked) {
      expect(headers).toMatchObject({ 'accept-encoding': 'identity' });
      for (const name of ['range', 'if-none-match']) expect(headers).not.toHaveProperty(name);
    }
    await masked.stop();
    target.close();
  });
});
