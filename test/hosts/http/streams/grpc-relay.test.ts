// What hostile or broken peers do in a call: whatever it is, the other side does not see a whole one.

import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type {
  ClientHttp2Stream,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { observeEnd } from '../../../../hosts/http/streams/index.ts';
import { startGrpcGateway } from './grpc-gateway.ts';
import type { GrpcGateway, limits } from './grpc-gateway.ts';

const message = (text: string): Buffer => {
  const framed = Buffer.alloc(5 + text.length);
  framed.writeUInt32BE(text.length, 1);
  framed.write(text, 5);
  return framed;
};
const grpc = { ':status': 200, 'content-type': 'application/grpc' };

interface Peers extends AsyncDisposable {
  readonly gateway: GrpcGateway;
  readonly call: ClientHttp2Stream;
  /** How the target's stream ended: with what code, and whether the whole request was there. */
  readonly targetSaw: Promise<string>;
}

async function startPeers(
  answer: (stream: ServerHttp2Stream) => void,
  own: Partial<typeof limits> = {},
): Promise<Peers> {
  const saw = Promise.withResolvers<string>();
  const open: ServerHttp2Session[] = [];
  const server = createServer();
  server.on('session', (session) => {
    open.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    const end = observeEnd(stream);
    stream.on('close', () => {
      saw.resolve(`${end.isClean ? 'whole' : 'cut'} ${stream.rstCode}`);
    });
    stream.resume();
    answer(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gateway = await startGrpcGateway((server.address() as AddressInfo).port, own);
  const session = connect(`http://127.0.0.1:${gateway.port}`);
  session.on('error', () => undefined);
  const head = { ':method': 'POST', ':path': '/shop.v1.Echo/Unary', te: 'trailers' };
  const type = { 'content-type': 'application/grpc' };
  const call = session.request({ ...head, ...type }, { waitForTrailers: true });
  call.once('wantTrailers', () => call.sendTrailers({}));
  return {
    ...{ gateway, call, targetSaw: saw.promise },
    [Symbol.asyncDispose]: async () => {
      session.destroy();
      for (const each of open) each.destroy();
      server.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** All that the caller learns: status or trailers, body, reset code. */
async function outcomeOf(call: ClientHttp2Stream): Promise<string> {
  const told: string[] = [];
  const closed = new Promise((resolve) => call.once('close', resolve));
  call.on('error', () => undefined);
  call.on('response', (headers) => {
    if (headers['grpc-status'] !== undefined) told.push(`status ${String(headers['grpc-status'])}`);
  });
  call.on('data', (chunk: Buffer) => told.push(chunk.subarray(5).toString()));
  call.on('trailers', (headers) =>
    told.push(`trailers ${String((headers as IncomingHttpHeaders)['grpc-status'])}`),
  );
  await closed;
  return [...told, `reset ${call.rstCode}`].join(', ');
}

const data = (stream: ServerHttp2Stream, then: () => void): void => {
  stream.respond(grpc, { waitForTrailers: true });
  stream.write(message('part'), () => setImmediate(then));
};

describe('a target that cuts its answer', () => {
  it.each<[string, (stream: ServerHttp2Stream) => void, string, unknown]>([
    [
      'by a reset without an error',
      (stream) => data(stream, () => stream.close(0)),
      'part, reset 2',
      { kind: 'reset', by: 'target', code: 2 },
    ],
    [
      'by a reset with CANCEL',
      (stream) => data(stream, () => stream.close(8)),
      'part, reset 8',
      { kind: 'reset', by: 'target', code: 8 },
    ],
    [
      'by ENHANCE_YOUR_CALM before it answered',
      (stream) => stream.close(11),
      'reset 11',
      { kind: 'reset', by: 'target', code: 11 },
    ],
    [
      'by a reset without an error before it answered',
      (stream) => stream.close(0),
      'reset 2',
      { kind: 'reset', by: 'target', code: 2 },
    ],
    [
      'by closing the connection',
      (stream) => data(stream, () => stream.session?.socket.destroy()),
      'part, trailers 14, reset 0',
      { kind: 'lost' },
    ],
    [
      'by closing the connection before it answered',
      (stream) => stream.session?.socket.destroy(),
      'status 14, reset 0',
      { kind: 'lost' },
    ],
    [
      'by an end without trailers',
      (stream) => {
        stream.respond(grpc);
        stream.end(message('part'));
      },
      'part, trailers 13, reset 0',
      { kind: 'broken', by: 'target', rule: 'status-missing' },
    ],
    [
      'by trailers without a status',
      (stream) => {
        stream.once('wantTrailers', () => stream.sendTrailers({ 'x-other': '0' }));
        data(stream, () => stream.end());
      },
      'part, trailers 13, reset 0',
      { kind: 'broken', by: 'target', rule: 'status-missing' },
    ],
    [
      'inside a message, with trailers that say all is well',
      (stream) => {
        stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.respond(grpc, { waitForTrailers: true });
        stream.end(message('part').subarray(0, 8));
      },
      'par, trailers 13, reset 0',
      { kind: 'broken', by: 'target', rule: 'message-cut' },
    ],
  ])('%s', async (_, answer, told, end) => {
    await using peers = await startPeers(answer);
    peers.call.end(message('ask'));
    expect(await outcomeOf(peers.call)).toBe(told);
    expect(await peers.gateway.nextEnd()).toEqual(end);
  });
});

describe('a target that is no gRPC server', () => {
  it.each<[string, Record<string, string | number>, string]>([
    ['with a page', { ':status': 200, 'content-type': 'text/html' }, 'status 2, reset 0'],
    ['without a type', { ':status': 200 }, 'status 2, reset 0'],
    ['with gRPC-Web', { ...grpc, 'content-type': 'application/grpc-web' }, 'status 2, reset 0'],
    ['with 401', { ...grpc, ':status': 401 }, 'status 16, reset 0'],
    ['with 503', { ':status': 503, 'content-type': 'text/html' }, 'status 14, reset 0'],
  ])('is answered for, %s, and nothing of its body passes', async (_, headers, told) => {
    await using peers = await startPeers((stream) => {
      stream.respond(headers);
      stream.end('secret');
    });
    peers.call.end(message('ask'));
    expect(await outcomeOf(peers.call)).toBe(told);
    const end = { kind: 'broken', by: 'target', rule: 'not-grpc' };
    expect(await peers.gateway.nextEnd()).toEqual(end);
  });
});

describe('a caller that cuts its request', () => {
  const silent = (stream: ServerHttp2Stream): void => {
    stream.respond(grpc, { waitForTrailers: true });
  };

  it.each([0, 2, 8, 11])('by a reset with %d: the target never sees its end', async (code) => {
    await using peers = await startPeers(silent);
    peers.call.on('error', () => undefined);
    peers.call.write(message('ask'));
    await once(peers.call, 'response');
    peers.call.close(code);
    expect(await peers.targetSaw).toBe(`cut ${code === 0 ? 8 : code}`);
  });

  it('by closing the connection: the target sees a cancellation', async () => {
    await using peers = await startPeers(silent);
    peers.call.on('error', () => undefined);
    peers.call.write(message('ask'));
    await once(peers.call, 'response');
    peers.call.session?.destroy();
    expect(await peers.targetSaw).toBe('cut 8');
    expect(await peers.gateway.nextEnd()).toMatchObject({ kind: 'cancelled' });
  });

  it.each([
    ['inside a message', message('ask').subarray(0, 6), 'message-cut'],
    ['with a flag that does not exist', Buffer.from('0200000000', 'hex'), 'compressed-flag'],
    ['with a message over the limit', Buffer.from('00ffffffff', 'hex'), 'message-too-large'],
  ])('%s: it is told so, and the target sees no end', async (_, body, rule) => {
    await using peers = await startPeers(silent);
    peers.call.end(body);
    expect(await outcomeOf(peers.call)).toMatch(/^(status|trailers) 13, reset 0$/);
    expect(await peers.targetSaw).toBe('cut 8');
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'broken', by: 'caller', rule });
  });
});

describe('a slow caller', () => {
  it('stops its target: what waits for it is bounded', async () => {
    let written = 0;
    await using peers = await startPeers((stream) => {
      stream.respond(grpc, { waitForTrailers: true });
      const chunk = message('x'.repeat(60_000));
      const fill = (): void => {
        while (stream.write(chunk)) written += chunk.length;
        stream.once('drain', fill);
      };
      fill();
    });
    peers.call.end(message('ask'));
    await once(peers.call, 'response');
    // Not read: the streams on both hops fill their windows, which pings do not wait for.
    let before = -1;
    while (written !== before) {
      before = written;
      for (let round = 0; round < 50; round += 1) {
        await new Promise<void>((resolve) => {
          peers.call.session?.ping(Buffer.alloc(8), () => resolve());
        });
      }
    }
    expect(written).toBeLessThan(2 * 1024 * 1024);
    peers.call.destroy();
    expect(await peers.targetSaw).toBe('whole 8');
  });
});

describe('an answer before the end of the request', () => {
  it('reaches the caller whole, and the request is stopped', async () => {
    await using peers = await startPeers((stream) => {
      stream.respond({ ...grpc, 'grpc-status': '8' }, { endStream: true });
    });
    peers.call.write(message('ask'));
    const told = await outcomeOf(peers.call);
    expect(told).toBe('status 8, reset 0');
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'completed', status: 8 });
  });
});
