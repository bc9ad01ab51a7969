// Calls between gRPC's own client and server (@grpc/grpc-js) through the relay.

import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status as codes,
} from '@grpc/grpc-js';
import type {
  ClientDuplexStream,
  MethodDefinition,
  sendUnaryData,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
} from '@grpc/grpc-js';
import { startGrpcGateway } from './grpc-gateway.ts';
import type { GrpcGateway } from './grpc-gateway.ts';

const same = (message: Buffer): Buffer => message;

function method(name: string, requestStream: boolean, responseStream: boolean) {
  const definition: MethodDefinition<Buffer, Buffer> = {
    path: `/shop.v1.Echo/${name}`,
    ...{ requestStream, responseStream },
    ...{ requestSerialize: same, requestDeserialize: same },
    ...{ responseSerialize: same, responseDeserialize: same },
  };
  return definition;
}

const service = {
  unary: method('Unary', false, false),
  fails: method('Fails', false, false),
  hangs: method('Hangs', false, false),
  counts: method('Counts', false, true),
  sums: method('Sums', true, false),
  chats: method('Chats', true, true),
  denied: method('Denied', false, false),
};

interface Peers extends AsyncDisposable {
  readonly client: Client;
  readonly gateway: GrpcGateway;
  readonly server: Server;
  /** What the server saw of calls that were cancelled. */
  readonly cancelled: Promise<string>;
}

async function startPeers(): Promise<Peers> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const cancelled = Promise.withResolvers<string>();
  server.addService(service, {
    unary: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      const trailer = new Metadata();
      trailer.add('x-list', 'a');
      trailer.add('x-list', 'b');
      trailer.set('x-bytes-bin', Buffer.from([0, 1, 255]));
      const initial = new Metadata();
      initial.set('x-seen', call.metadata.get('x-ask').join());
      call.sendMetadata(initial);
      done(null, call.request, trailer);
    },
    fails: (_call: unknown, done: sendUnaryData<Buffer>) => {
      done({ code: codes.FAILED_PRECONDITION, details: 'nicht möglich: 5 %' });
    },
    hangs: (call: ServerUnaryCall<Buffer, Buffer>) => {
      call.on('cancelled', () => cancelled.resolve('cancelled'));
    },
    counts: (call: ServerWritableStream<Buffer, Buffer>) => {
      call.on('cancelled', () => cancelled.resolve('cancelled'));
      const count = call.request.readUInt32BE(0);
      const write = (from: number): void => {
        for (let at = from; at < count; at += 1) {
          if (!call.write(Buffer.alloc(10_000, at))) {
            call.once('drain', () => write(at + 1));
            return;
          }
        }
        call.end();
      };
      write(0);
    },
    sums: (call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      let bytes = 0;
      call.on('data', (message: Buffer) => (bytes += message.length));
      call.on('end', () => done(null, Buffer.from(String(bytes))));
    },
    chats: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (message: Buffer) => call.write(Buffer.concat([message, Buffer.from('!')])));
      call.on('end', () => call.end());
      call.on('cancelled', () => cancelled.resolve('cancelled'));
    },
    denied: (_call: unknown, done: sendUnaryData<Buffer>) => done(null, Buffer.from('reached')),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const gateway = await startGrpcGateway(port);
  const client = new Client(`127.0.0.1:${gateway.port}`, credentials.createInsecure());
  return {
    ...{ client, gateway, server, cancelled: cancelled.promise },
    [Symbol.asyncDispose]: async () => {
      client.close();
      server.forceShutdown();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

const args = ({ path, requestSerialize, responseDeserialize }: MethodDefinition<Buffer, Buffer>) =>
  [path, requestSerialize, responseDeserialize] as const;

interface Unary {
  readonly error: ServiceError | null;
  readonly value: string | undefined;
}

const unary = (
  client: Client,
  definition: MethodDefinition<Buffer, Buffer>,
  options: { readonly deadline?: number; readonly payload?: Buffer } = {},
): Promise<Unary> =>
  new Promise((resolve) => {
    const { deadline, payload = Buffer.from('hi') } = options;
    const more = deadline === undefined ? {} : { deadline };
    client.makeUnaryRequest(...args(definition), payload, new Metadata(), more, (error, value) =>
      resolve({ error, value: value?.toString() }),
    );
  });

interface Final {
  readonly code: number;
  readonly details: string;
}

/** `once` would reject with the error that says the same. */
const finalOf = (call: ClientDuplexStream<Buffer, Buffer>): Promise<Final> =>
  new Promise((resolve) => {
    call.on('error', () => undefined).once('status', resolve);
  });

describe('gRPC through the relay', () => {
  it('carries a unary call with its metadata and trailers', async () => {
    await using peers = await startPeers();
    const metadata = new Metadata();
    metadata.set('x-ask', 'why');
    const call = peers.client.makeUnaryRequest(
      ...args(service.unary),
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
    const { error } = await unary(peers.client, service.fails);
    expect(error).toMatchObject({
      code: codes.FAILED_PRECONDITION,
      details: 'nicht möglich: 5 %',
    });
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'completed', status: 9 });
  });

  it('refuses in the words of gRPC, before the target sees anything', async () => {
    await using peers = await startPeers();
    const { error } = await unary(peers.client, service.denied, { payload: Buffer.alloc(1 << 20) });
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
    const call = peers.client.makeServerStreamRequest(...args(service.counts), request);
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
    const call = peers.client.makeClientStreamRequest(...args(service.sums), (_error, value) =>
      answer.resolve(value?.toString()),
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
    const call = peers.client.makeBidiStreamRequest(...args(service.chats));
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
    const call = peers.client.makeBidiStreamRequest(...args(service.chats));
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    call.cancel();
    expect(await peers.cancelled).toBe('cancelled');
    expect(await peers.gateway.nextEnd()).toEqual({ kind: 'cancelled', code: 8 });
  });

  it('carries the loss of the caller to the target', async () => {
    await using peers = await startPeers();
    const call = peers.client.makeBidiStreamRequest(...args(service.chats));
    call.on('error', () => undefined);
    call.write(Buffer.from('a'));
    await once(call, 'data');
    peers.client.close();
    call.cancel();
    expect(await peers.cancelled).toBe('cancelled');
  });

  it('keeps the deadline of the caller', async () => {
    await using peers = await startPeers();
    const { error } = await unary(peers.client, service.hangs, { deadline: Date.now() + 150 });
    expect(error?.code).toBe(codes.DEADLINE_EXCEEDED);
    expect(await peers.cancelled).toBe('cancelled');
  });

  it('tells that the target went away in the middle of a call', async () => {
    await using peers = await startPeers();
    const pending = unary(peers.client, service.hangs);
    const call = peers.client.makeBidiStreamRequest(...args(service.chats));
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
    const call = peers.client.makeBidiStreamRequest(...args(service.chats));
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
