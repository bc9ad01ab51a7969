// What the lab's origin answers, by path. Parameters come in the query: `/json?count=3`.

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { bomb } from './bomb.ts';
import { peopleCsv, peopleJson, peopleNdjson } from './people.ts';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** A number of the query, or what holds without it. */
  readonly number: (name: string, otherwise: number) => number;
}

type Route = (exchange: Exchange) => void | Promise<void>;

const json = 'application/json';
const small = Buffer.from(`${JSON.stringify({ text: 'a small body'.padEnd(86, '.') })}\n`);
const megabyte = Buffer.alloc(1024 * 1024, 'one megabyte of text. ');

const routes: Readonly<Record<string, Route>> = {
  '/small': (exchange) => send(exchange, json, small),
  '/mb': (exchange) => send(exchange, 'application/octet-stream', megabyte),
  '/json': (exchange) => send(exchange, json, peopleJson(exchange.number('count', 3))),
  '/ndjson': (exchange) =>
    send(exchange, 'application/x-ndjson', peopleNdjson(exchange.number('count', 3))),
  '/csv': (exchange) => send(exchange, 'text/csv', peopleCsv(exchange.number('count', 3))),
  '/gzip': encoded('gzip', gzipSync),
  '/br': encoded('br', brotliCompressSync),
  '/zstd': encoded('zstd', zstdCompressSync),
  '/bomb/gzip': sendBomb('gzip'),
  '/bomb/br': sendBomb('br'),
  '/large': large,
  '/slow': async (exchange) => {
    await delay(exchange.number('ms', 1000), undefined, { ref: false });
    send(exchange, json, small);
  },
  '/sse': events,
  '/echo': echo,
  '/upload': upload,
};

/** Answers 404 for paths that it does not know. */
export function respond(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://origin');
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined;
  const number = (name: string, otherwise: number): number =>
    Number(searchParams.get(name) ?? otherwise);
  if (route === undefined) {
    response.writeHead(404, { 'content-type': json }).end('{"error":"no such path"}\n');
    return;
  }
  // Only a connection that broke ends up here, and then there is nobody left to tell.
  Promise.resolve(route({ request, response, number })).catch(() => response.destroy());
}

function send({ response }: Exchange, type: string, body: Buffer | string): void {
  const bytes = Buffer.from(body);
  response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
}

function encoded(encoding: string, compress: (body: string) => Buffer): Route {
  return ({ response, number }) => {
    const body = compress(peopleJson(number('count', 3)));
    const headers = { 'content-type': json, 'content-encoding': encoding };
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
  };
}

/** `?mb=` says how many megabytes it unpacks to. */
function sendBomb(encoding: 'gzip' | 'br'): Route {
  return async ({ response, number }) => {
    const body = await bomb(encoding, number('mb', 200));
    const headers = { 'content-type': json, 'content-encoding': encoding };
    response.writeHead(200, { ...headers, 'content-length': body.length }).end(body);
  };
}

/** `?mb=` megabytes: more than the buffers on the way to a caller that does not read. */
async function large({ response, number }: Exchange): Promise<void> {
  const count = number('mb', 32);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': count * megabyte.length,
  });
  const bodies = Array.from({ length: count }, () => megabyte);
  await pipeline(Readable.from(bodies, { objectMode: false }), response);
}

/** Server-sent events (WHATWG HTML §9.2): `?count=` ticks, one every `?every=` milliseconds. */
async function events({ response, number }: Exchange): Promise<void> {
  const count = number('count', 5);
  const every = number('every', 200);
  const ticks = async function* (): AsyncGenerator<string> {
    for (let tick = 1; tick <= count; tick += 1) {
      yield `event: tick\nid: ${tick}\ndata: ${JSON.stringify({ tick, email: `user${tick}@example.com` })}\n\n`;
      if (tick < count) await delay(every, undefined, { ref: false });
    }
  };
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  await pipeline(Readable.from(ticks(), { objectMode: false }), response);
}

/** The request as it arrived: the target unparsed, header names and values in their order and spelling. */
async function echo(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const body = await buffer(request);
  const headers = Array.from({ length: request.rawHeaders.length / 2 }, (_, index) =>
    request.rawHeaders.slice(2 * index, 2 * index + 2),
  );
  const seen = { method: request.method, target: request.url, headers, body: body.toString() };
  send(exchange, json, `${JSON.stringify(seen)}\n`);
}

async function upload(exchange: Exchange): Promise<void> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  send(exchange, json, `${JSON.stringify({ bytes, sha256: digest.digest('hex') })}\n`);
}
