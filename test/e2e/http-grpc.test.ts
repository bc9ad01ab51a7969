// gRPC calls and plain HTTP/2 through a real gateway to targets that speak HTTP/2, TLS on both hops.

import { once } from 'node:events';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { ClientHttp2Session, ClientHttp2Stream, Http2SecureServer } from 'node:http2';
import { connect, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, credentials, Metadata, ServerCredentials, status as codes } from '@grpc/grpc-js';

import { freePort, issueServerCertificate, temporaryDirectory } from '#lab';
import type { TemporaryDirectory } from '#lab';
import { observeEnd } from '../../hosts/http/streams/index.ts';
import {
  encodeFrame,
  framesIn,
  frameType,
  preface,
  settingsFrame,
} from '../adversarial/http/http2-frames.ts';
import { RawClient } from '../adversarial/http/raw-client.ts';
import { data, frame, uint32 } from '../conformance/http2/case.ts';
import { goodRequestOf } from '../conformance/http2/run.ts';
import { cli } from '../cli/run-cli.ts';
import type { EchoServer } from '../support/grpc-echo.ts';
import { argsOf, callUnary, echoService, finalOf, startEchoServer } from '../support/grpc-echo.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

const policies = {
  'rules.rego': `package rules.http.calls

import rego.v1

allow contains "everybody may call"

deny contains "nobody calls this" if input.statement.grpc.method == "Denied"
`,
};
const principals = { ada: { groups: ['engineering'] }, bob: { groups: ['engineering'] } };

/** Methods of the requests to the web server that came to their end. */
const wholes: (string | undefined)[] = [];
let directory: TemporaryDirectory;
let echo: EchoServer;
let web: Http2SecureServer;
let gateway: HttpGateway;
let client: Client;

beforeAll(async () => {
  directory = await temporaryDirectory('sallyport-grpc-');
  const files = await issueServerCertificate(directory.path);
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
  const pair = [{ cert_chain: cert, private_key: key }];
  echo = await startEchoServer(ServerCredentials.createSsl(null, pair));
  web = await startWeb(cert, key);
  const { port } = web.address() as AddressInfo;
  const target = (own: number) => ({ ...httpTarget({ port: own, ca: files.ca }), http2: true });
  gateway = await HttpGateway.start({
    ...{ policies, principals },
    targets: { calls: target(echo.port), web: target(port), gone: target(await freePort()) },
  });
  client = clientOf('calls');
});

afterAll(async () => {
  client.close();
  await gateway.stop();
  echo.server.forceShutdown();
  web.close();
  await directory.remove();
});

/** Says what came, echoes bodies, and breaks off where it is asked to. */
async function startWeb(cert: Buffer, key: Buffer): Promise<Http2SecureServer> {
  const server = createSecureServer({ cert, key, allowHTTP1: false });
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const end = observeEnd(stream);
    stream.once('close', () => {
      if (end.isClean) wholes.push(headers[':method']);
    });
    if (headers[':path'] === '/broken') {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.write(Buffer.alloc(100_000), () => setImmediate(() => stream.close(2)));
      return;
    }
    const seen = {
      'x-method': headers[':method'],
      'x-te': headers['te'] ?? '',
      'x-path': headers[':path'],
    };
    stream.respond({ ':status': 200, ...seen }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'secret' }));
    stream.pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function clientOf(target: string, principal: keyof typeof principals | 'nobody' = 'ada'): Client {
  const token = principal === 'nobody' ? 'sp_wrong' : gateway.token(principal);
  const identity = credentials.createFromMetadataGenerator((_params, done) => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    done(null, metadata);
  });
  const tls = credentials.createSsl(Buffer.from(gateway.ca));
  return new Client(`127.0.0.1:${gateway.port}`, tls.compose(identity), {
    'grpc.ssl_target_name_override': 'localhost',
    'grpc.default_authority': `${target}.localhost`,
    'grpc.max_receive_message_length': -1,
  });
}

/** A call that goes on until somebody ends it. */
async function startChat(own: Client) {
  const call = own.makeBidiStreamRequest(...argsOf(echoService.chats));
  const final = finalOf(call);
  call.write(Buffer.from('a'));
  const [first] = (await once(call, 'data')) as [Buffer];
  expect(first.toString()).toBe('a!');
  return { call, final };
}

describe('gRPC', () => {
  it('carries metadata, a message and trailers', async () => {
    const metadata = new Metadata();
    metadata.set('x-ask', 'why');
    const call = client.makeUnaryRequest(
      ...argsOf(echoService.unary),
      Buffer.from('hello'),
      metadata,
      (_error, value) => expect(value?.toString()).toBe('hello'),
    );
    const [[initial], [final]] = (await Promise.all([
      once(call, 'metadata'),
      once(call, 'status'),
    ])) as [[Metadata], [{ readonly code: number; readonly metadata: Metadata }]];
    expect(initial.get('x-seen')).toEqual(['why']);
    expect(final.code).toBe(codes.OK);
    expect(final.metadata.get('x-list').join()).toMatch(/^a, ?b$/);
    expect(final.metadata.get('x-bytes-bin')).toEqual([Buffer.from([0, 1, 255])]);
  });

  it('carries the status of a call that failed', async () => {
    const { error } = await callUnary(client, echoService.fails);
    expect(error).toMatchObject({ code: codes.FAILED_PRECONDITION, details: 'nicht möglich: 5 %' });
  });

  it('streams to the caller', async () => {
    const request = Buffer.alloc(4);
    request.writeUInt32BE(1_000);
    const call = client.makeServerStreamRequest(...argsOf(echoService.counts), request);
    let count = 0;
    for await (const message of call) {
      expect((message as Buffer)[0]).toBe(count % 256);
      count += 1;
    }
    expect(count).toBe(1_000);
  });

  it('streams to the target: a thousand small messages', async () => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const call = client.makeClientStreamRequest(...argsOf(echoService.sums), (_error, value) => {
      resolve(value?.toString());
    });
    for (let sent = 0; sent < 1_000; sent += 1) {
      if (!call.write(Buffer.alloc(10))) await once(call, 'drain');
    }
    call.end();
    expect(await promise).toBe('10000');
  });

  it('streams both ways at once', async () => {
    const { call, final } = await startChat(client);
    for (const word of ['two', 'three']) {
      call.write(Buffer.from(word));
      const [message] = (await once(call, 'data')) as [Buffer];
      expect(message.toString()).toBe(`${word}!`);
    }
    call.end();
    expect((await final).code).toBe(codes.OK);
  });

  it('carries messages of 4 MB both ways', async () => {
    const payload = Buffer.alloc(4_000_000, 'x');
    const { error, value } = await callUnary(client, echoService.unary, { payload });
    expect(error).toBeNull();
    expect(value?.equals(payload)).toBe(true);
  });

  it('carries a thousand calls', async () => {
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 50 }, () => callUnary(client, echoService.unary));
      for (const { value } of await Promise.all(calls)) expect(value?.toString()).toBe('hi');
    }
  });

  it('ends a call at its deadline', async () => {
    const { error } = await callUnary(client, echoService.hangs, { deadline: Date.now() + 200 });
    expect(error?.code).toBe(codes.DEADLINE_EXCEEDED);
  });

  it('carries a cancellation to the target', async () => {
    const { call, final } = await startChat(client);
    call.cancel();
    expect((await final).code).toBe(codes.CANCELLED);
    expect(await echo.cancelled).toBe('cancelled');
  });

  it('denies a method with the words of the rule', async () => {
    const { error } = await callUnary(client, echoService.denied);
    expect(error?.code).toBe(codes.PERMISSION_DENIED);
    expect(error?.details).toMatch(/nobody calls this.*rule-deny/);
  });

  it('wants to know who calls', async () => {
    const nobody = clientOf('calls', 'nobody');
    const { error } = await callUnary(nobody, echoService.unary);
    nobody.close();
    expect(error?.code).toBe(codes.UNAUTHENTICATED);
  });

  it('says that a target is gone', async () => {
    const gone = clientOf('gone');
    const { error } = await callUnary(gone, echoService.unary);
    gone.close();
    expect(error?.code).toBe(codes.UNAVAILABLE);
  });

  it('is recorded, what was denied too', async () => {
    const cwd = dirname(gateway.files.config);
    await callUnary(client, echoService.denied);
    const listed = await cli(['sessions', 'list', '--json'], { cwd });
    const sessions = JSON.parse(listed.out) as { session: string; target: string }[];
    const own = sessions.filter(({ target }) => target === 'calls');
    const shown = await Promise.all(
      own.map(async ({ session }) => (await cli(['sessions', 'show', session], { cwd })).out),
    );
    const text = shown.join('\n');
    expect(text).toMatch(/allow +#\d+ POST .*\/shop\.v1\.Echo\/Unary/);
    expect(text).toMatch(/deny +#\d+ POST .*\/shop\.v1\.Echo\/Denied/);
    expect(text).toContain('rule-deny: nobody calls this');
  });
});

describe('a plain request to a target that speaks HTTP/2', () => {
  let session: ClientHttp2Session;

  beforeAll(async () => {
    session = connect(`https://127.0.0.1:${gateway.port}`, {
      ca: gateway.ca,
      servername: 'localhost',
      maxSessionMemory: 1000,
    });
    session.on('error', () => undefined);
    await once(session, 'connect');
  });

  afterAll(() => {
    session.destroy();
  });

  function ask(method: string, path: string, body?: Buffer): ClientHttp2Stream {
    const authorization = gateway.headers('web')['Authorization'];
    const stream = session.request(
      { ':method': method, ':path': path, ':authority': 'web.localhost', authorization },
      { endStream: body === undefined },
    );
    stream.on('error', () => undefined);
    if (body !== undefined) stream.end(body);
    return stream;
  }

  it.each(['GET', 'DELETE'])('%s comes as it was asked', async (method) => {
    const stream = ask(method, '/a/b?c=d');
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    await buffer(stream);
    expect(headers).toMatchObject({ 'x-method': method, 'x-path': '/a/b?c=d', 'x-te': '' });
  });

  it.each([0, 100, 60_000, 70_000, 20_000_000])('carries %i bytes both ways', async (size) => {
    const body = Buffer.alloc(size, 'x');
    const stream = ask('POST', '/echo', body);
    expect((await buffer(stream)).equals(body)).toBe(true);
  });

  it('keeps the trailers of the target to itself', async () => {
    const stream = ask('POST', '/echo', Buffer.from('hi'));
    let trailers = 0;
    stream.on('trailers', () => (trailers += 1));
    await buffer(stream);
    await once(stream, 'close');
    expect(trailers).toBe(0);
  });

  it.each([0, 2, 8])('that its caller resets with code %i never looks whole', async (code) => {
    const good = goodRequestOf(gateway, 'web');
    const before = wholes.length;
    using caller = await RawClient.open({ port: gateway.port, ca: gateway.ca, protocol: 'h2' });
    const pieces = Array.from({ length: 4 }, () => data(Buffer.alloc(16_000), 0));
    const opening = [preface, settingsFrame(), ...[good.post, ...pieces].map(encodeFrame)];
    caller.send(Buffer.concat(opening));
    const asksForMore = (bytes: Buffer): boolean =>
      framesIn(bytes).some(({ type, stream }) => type === frameType.windowUpdate && stream === 1);
    expect(await caller.until(asksForMore, 5_000)).toBe(true);
    caller.send(encodeFrame(data(Buffer.alloc(16_000), 0)));
    caller.send(encodeFrame(frame(frameType.reset, uint32(code))));
    caller.send(encodeFrame({ ...good.get, stream: 3 }));
    const isServed = (bytes: Buffer): boolean =>
      framesIn(bytes).some(({ type, stream }) => type === frameType.headers && stream === 3);
    expect(await caller.until(isServed, 5_000)).toBe(true);
    expect(wholes.slice(before)).not.toContain('POST');
  });

  it('is reset where the target broke off', async () => {
    const stream = ask('GET', '/broken');
    stream.resume();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.rstCode).toBe(2);
  });
});

describe('a token that is revoked', () => {
  it('ends its calls within five seconds, and no others', async () => {
    const bob = clientOf('calls', 'bob');
    const kept = await startChat(client);
    const cut = await startChat(bob);
    const started = performance.now();
    await revoke('bob');
    const { code, details } = await cut.final;
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(code).toBe(codes.UNAUTHENTICATED);
    expect(details).toMatch('the session ended');
    const { error } = await callUnary(bob, echoService.unary);
    expect(error?.code).toBe(codes.UNAUTHENTICATED);
    kept.call.end();
    expect((await kept.final).code).toBe(codes.OK);
    bob.close();
  });
});

async function revoke(principal: string): Promise<void> {
  const file = join(dirname(gateway.files.config), 'tokens.yaml');
  const { tokens } = JSON.parse(await readFile(file, 'utf8')) as { tokens: { id: string }[] };
  const kept = tokens.filter(({ id }) => id !== principal);
  await writeFile(`${file}.new`, JSON.stringify({ tokens: kept }));
  await rename(`${file}.new`, file);
}
