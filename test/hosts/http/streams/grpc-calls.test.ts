// Calls between gRPC's own client and server (@grpc/grpc-js) through the relay.

import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Server } from '@grpc/grpc-js';
import { Client, credentials, Metadata, ServerCredentials, status as codes } from '@grpc/grpc-js';
import {
  argsOf,
  callUnary,
  echoService,
  finalOf,
  startEchoServer,
} from '../../../support/grpc-echo.ts';
import type { GrpcGateway } from './grpc-gateway.ts';
import { startGrpcGateway } from './grpc-gateway.ts';

interface Peers extends AsyncDisposable {
  readonly client: Client;
  readonly gateway: GrpcGateway;
  readonly server: Server;
  /** What the server saw of calls that were cancelled. */
  readonly cancelled: Promise<string>;
}

async function startPeers(): Promise<Peers> {
  const { server, port, cancelled } = await startEchoServer(ServerCredentials.createInsecure());
  const gateway = await startGrpcGateway(port);
  const client = new Client(`127.0.0.1:${gateway.port}`, credentials.createInsecure());
  return {
    ...{ client, gateway, server, cancelled },
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.forceShutdown();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

describe('gRPC through the relay', () => {
  it('carries a unary call with its metadata and trailers', async () => {
    await using peers = await startPeers();
    const metadata = new Metadata();
    metadata.set('x-ask', 'why');
    const call = peers.client.makeUnaryRequest(
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
    expect(final.metadata.get('x-list').join()).toMatch(/^a, ?b$|^a,b$/);
    expect(final.metadata.get('x-bytes-bin')).toEqual([Buffer.from([0, 1, 255])]);
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'completed', status: 0 });
    const [relay] = peers.gateway.relays;
    expect([relay?.up, relay?.down]).toMatchObject([
      { messages: 1, bytes: 10 },
      { messages: 1, bytes: 10 },
    ]);
  });

  it('tells the status and message of a call that failed', async () => {
    await using peers = await startPeers();
    const { error } = await callUnary(peers.client, echoService.fails);
    expect(error).toMatchObject({
      code: codes.FAILED_PRECONDITION,
      details: 'nicht möglich: 5 %',
    });
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'completed', status: 9 });
  });

  it('refuses in the words of gRPC, before the target sees anything', async () => {
    await using peers = await startPeers();
    const { error } = await callUnary(peers.client, echoService.denied, {
      payload: Buffer.alloc(1 << 20),
    });
    expect(error).toMatchObject({
      code: codes.PERMISSION_DENIED,
      details: 'rule says: 100 % no ✋',
    });
    expect(peers.gateway.sessions.size).toBe(0);
  });

  it('streams 20 MB down in order', async () => {
    await using peers = await startPeers();
    const request = Buffer.alloc(4);
    request.writeUInt32BE(2_000);
    const call = peers.client.makeServerStreamRequest(...argsOf(echoService.counts), request);
    let count = 0;
    for await (const message of call) {
      expect((message as Buffer)[0]).toBe(count % 256);
      count += 1;
    }
    expect(count).toBe(2_000);
    expect(peers.gateway.relays[0]?.down.messages).toBe(2_000);
  });

  it('streams 20 MB up', async () => {
    await using peers = await startPeers();
    const answer = Promise.withResolvers<string | undefined>();
    const call = peers.client.makeClientStreamRequest(
      ...argsOf(echoService.sums),
      (_error, value) => answer.resolve(value?.toString()),
    );
    for (let sent = 0; sent < 200; sent += 1) {
      if (!call.write(Buffer.alloc(100_000))) await once(call, 'drain');
    }
    call.end();
    expect(await answer.promise).toBe('20000000');
    expect(peers.gateway.relays[0]?.up.messages).toBe(200);
  });

  it('streams both ways at once', async () => {
    await using peers = await startPeers();
    const call = peers.client.makeBidiStreamRequest(...argsOf(echoService.chats));
    for (const word of ['one', 'two', 'three']) {
      call.write(Buffer.from(word));
      const [message] = (await once(call, 'data')) as [Buffer];
      expect(message.toString()).toBe(`${word}!`);
    }
    call.end();
    expect((await finalOf(call)).code).toBe(codes.OK);
  });

  it('carries a cancellation to the target', async () => {
    await using peers = await startPeers();
    const call = peers.client.makeBidiStreamRequest(...argsOf(echoService.chats));
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    call.cancel();
    expect(await peers.cancelled).toBe('cancelled');
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'cancelled', code: 8 });
  });

  it('carries the loss of the caller to the target', async () => {
    await using peers = await startPeers();
    const call = peers.client.makeBidiStreamRequest(...argsOf(echoService.chats));
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    peers.client.close();
    call.cancel();
    expect(await peers.cancelled).toBe('cancelled');
  });

  it('keeps the deadline of the caller', async () => {
    await using peers = await startPeers();
    const { error } = await callUnary(peers.client, echoService.hangs, {
      deadline: Date.now() + 150,
    });
    expect(error?.code).toBe(codes.DEADLINE_EXCEEDED);
    expect(await peers.cancelled).toBe('cancelled');
  });

  it('tells that the target went away in the middle of a call', async () => {
    await using peers = await startPeers();
    const pending = callUnary(peers.client, echoService.hangs);
    const call = peers.client.makeBidiStreamRequest(...argsOf(echoService.chats));
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    const final = finalOf(call);
    peers.server.forceShutdown();
    // The server resets some calls before it closes the connection.
    const told = [(await pending).error?.code, (await final).code];
    expect([codes.CANCELLED, codes.UNAVAILABLE]).toEqual(expect.arrayContaining(told));
  });

  it('ends calls when the gateway must, with a status', async () => {
    await using peers = await startPeers();
    const call = peers.client.makeBidiStreamRequest(...argsOf(echoService.chats));
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    const final = finalOf(call);
    const [relay] = peers.gateway.relays;
    const end = await relay?.end({ status: 16, message: 'the token was revoked' });
    expect(end).toEqual({ kind: 'ended', status: 16 });
    expect(await final).toMatchObject({
      code: codes.UNAUTHENTICATED,
      details: 'the token was revoked',
    });
    expect(await peers.cancelled).toBe('cancelled');
  });
});
