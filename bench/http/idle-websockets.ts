// What an idle WebSocket costs the process that relays it: both hops, nothing said after the first message.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { createCertificateAuthority } from '#lab';
import { encodeFrame, opcodes } from '../../hosts/http/wire/websocket/index.ts';
import type { RelayOrder } from './idle-relay.ts';

export interface IdleWebSockets {
  readonly count: number;
  /** Resident memory of the relaying process for each, in kibibytes. */
  readonly residentKb: number;
  /** The part of it that is V8's heap. */
  readonly heapKb: number;
}

interface Usage {
  readonly rss: number;
  readonly heapUsed: number;
}

const maskKey = Buffer.from('00000000', 'hex');
const hello = encodeFrame(
  { opcode: opcodes.text, final: true, payload: Buffer.from('{"hello":"world"}') },
  maskKey,
);
/** Opened together; more would overflow the queue of connections that were not accepted yet. */
const batch = 100;
const warmUp = 200;

/** Needs about twice as many file descriptors as WebSockets in either process. */
export async function measureIdleWebSockets(
  count: number,
  options: { readonly tls: boolean },
): Promise<IdleWebSockets> {
  const authority = createCertificateAuthority('bench');
  const issued = authority.issue({ commonName: 'localhost', dns: ['localhost'] });
  const pair = { cert: issued.certificatePem, key: issued.keyPem };
  const received: Socket[] = [];
  const heard = { count: 0, wake: (): void => undefined };
  const onTarget = (socket: Socket): void => {
    received.push(socket);
    socket
      .on('error', () => undefined)
      .on('data', () => {
        heard.count += 1;
        heard.wake();
      });
  };
  const target: Server = options.tls ? createTlsServer(pair, onTarget) : createServer(onTarget);
  target.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 });
  await once(target, 'listening');

  const script = new URL('./idle-relay.ts', import.meta.url);
  const relay = fork(script, {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
  });
  const { port: targetPort } = target.address() as AddressInfo;
  const order: RelayOrder = {
    targetPort,
    tls: options.tls ? { ...pair, ca: authority.certificatePem } : null,
  };
  relay.send(order);
  const [port] = (await once(relay, 'message')) as [number];
  const open = (): Socket =>
    options.tls
      ? connectTls({
          port,
          host: '127.0.0.1',
          servername: 'localhost',
          ca: authority.certificatePem,
        })
      : connect(port, '127.0.0.1');
  const usage = async (): Promise<Usage> => {
    relay.send('usage');
    const [answer] = (await once(relay, 'message')) as [Usage];
    return answer;
  };

  const callers: Socket[] = [];
  const add = async (total: number): Promise<void> => {
    while (callers.length < total) {
      for (let opened = 0; opened < batch && callers.length < total; opened += 1) {
        const socket = open();
        socket.on('error', () => undefined);
        socket.write(hello);
        callers.push(socket);
      }
      while (heard.count < callers.length) {
        await new Promise<void>((resolve) => (heard.wake = resolve));
      }
    }
  };
  await add(warmUp);
  const before = await usage();
  await add(warmUp + count);
  const after = await usage();
  for (const socket of [...callers, ...received]) socket.destroy();
  relay.kill();
  target.close();
  const each = (field: keyof Usage): number => (after[field] - before[field]) / count / 1024;
  return { count, residentKb: each('rss'), heapKb: each('heapUsed') };
}
