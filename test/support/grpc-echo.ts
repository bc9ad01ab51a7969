// A gRPC service without a schema (messages are bytes), its server by @grpc/grpc-js, and ways to call it.

import type { EventEmitter } from 'node:events';

import type {
  Client,
  ClientDuplexStream,
  MethodDefinition,
  sendUnaryData,
  ServerCredentials,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceError,
} from '@grpc/grpc-js';
import { Metadata, Server, status as codes } from '@grpc/grpc-js';

const same = (message: Buffer): Buffer => message;

type Method = MethodDefinition<Buffer, Buffer>;

function method(name: string, requestStream: boolean, responseStream: boolean): Method {
  return {
    path: `/shop.v1.Echo/${name}`,
    ...{ requestStream, responseStream },
    ...{ requestSerialize: same, requestDeserialize: same },
    ...{ responseSerialize: same, responseDeserialize: same },
  };
}

export const echoService = {
  unary: method('Unary', false, false),
  fails: method('Fails', false, false),
  hangs: method('Hangs', false, false),
  counts: method('Counts', false, true),
  sums: method('Sums', true, false),
  chats: method('Chats', true, true),
  denied: method('Denied', false, false),
};

export interface EchoServer {
  readonly server: Server;
  readonly port: number;
  /** Resolves when a call was cancelled that the server had not ended. */
  readonly cancelled: Promise<string>;
}

export async function startEchoServer(
  credentials: ServerCredentials,
  port = 0,
): Promise<EchoServer> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  const cancelled = Promise.withResolvers<string>();
  const tells = (call: EventEmitter): void => {
    call.on('cancelled', () => cancelled.resolve('cancelled'));
  };
  server.addService(echoService, {
    unary: echo,
    fails: (_call: unknown, done: sendUnaryData<Buffer>) => {
      done({ code: codes.FAILED_PRECONDITION, details: 'nicht möglich: 5 %' });
    },
    hangs: tells,
    counts: (call: ServerWritableStream<Buffer, Buffer>) => {
      tells(call);
      count(call);
    },
    sums: (call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      let bytes = 0;
      call.on('data', (message: Buffer) => (bytes += message.length));
      call.on('end', () => done(null, Buffer.from(String(bytes))));
    },
    chats: (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on('data', (message: Buffer) => call.write(Buffer.concat([message, Buffer.from('!')])));
      call.on('end', () => call.end());
      tells(call);
    },
    denied: (_call: unknown, done: sendUnaryData<Buffer>) => done(null, Buffer.from('reached')),
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, own) => {
      if (error === null) resolve(own);
      else reject(error);
    });
  });
  return { server, port: bound, cancelled: cancelled.promise };
}

/** Tells what it was asked with `x-ask` in its metadata; its trailers hold a list and bytes. */
function echo(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void {
  const trailer = new Metadata();
  trailer.add('x-list', 'a');
  trailer.add('x-list', 'b');
  trailer.set('x-bytes-bin', Buffer.from([0, 1, 255]));
  const initial = new Metadata();
  initial.set('x-seen', call.metadata.get('x-ask').join());
  call.sendMetadata(initial);
  done(null, call.request, trailer);
}

/** As many messages of 10 kB as the request says, numbered in their bytes. */
function count(call: ServerWritableStream<Buffer, Buffer>): void {
  const total = call.request.readUInt32BE(0);
  const write = (from: number): void => {
    for (let at = from; at < total; at += 1) {
      if (!call.write(Buffer.alloc(10_000, at))) {
        call.once('drain', () => write(at + 1));
        return;
      }
    }
    call.end();
  };
  write(0);
}

export const argsOf = ({ path, requestSerialize, responseDeserialize }: Method) =>
  [path, requestSerialize, responseDeserialize] as const;

export interface UnaryOutcome {
  readonly error: ServiceError | null;
  readonly value: Buffer | undefined;
}

export interface UnaryOptions {
  readonly deadline?: number;
  readonly payload?: Buffer;
  readonly metadata?: Metadata;
}

export const callUnary = (
  client: Client,
  definition: Method,
  options: UnaryOptions = {},
): Promise<UnaryOutcome> =>
  new Promise((resolve) => {
    const { deadline, payload = Buffer.from('hi'), metadata = new Metadata() } = options;
    const more = deadline === undefined ? {} : { deadline };
    client.makeUnaryRequest(...argsOf(definition), payload, metadata, more, (error, value) =>
      resolve({ error, value }),
    );
  });

export interface FinalStatus {
  readonly code: number;
  readonly details: string;
}

/** `once` would reject with the error that says the same. */
export const finalOf = (call: ClientDuplexStream<Buffer, Buffer>): Promise<FinalStatus> =>
  new Promise((resolve) => {
    call.on('error', () => undefined).once('status', resolve);
  });
