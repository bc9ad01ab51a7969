// Two ends of a real TCP connection on 127.0.0.1.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface SocketPair extends AsyncDisposable {
  /** The end that connected. */
  readonly near: Socket;
  /** The end that was accepted. */
  readonly far: Socket;
}

export async function socketPair(): Promise<SocketPair> {
  const server = createServer({ noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  server.close();
  for (const socket of [near, far]) socket.on('error', () => undefined);
  return {
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      const closed = [near, far]
        .filter((socket) => !socket.closed)
        .map((socket) => once(socket, 'close'));
      near.destroy();
      far.destroy();
      await Promise.all(closed);
    },
  };
}
