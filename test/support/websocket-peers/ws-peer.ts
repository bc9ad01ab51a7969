// `serve PORT`: echoes messages, pings who says `ping me`, closes with 4001 who says `close me`, and says how each
// connection ended. `exercise URL TOKEN`: does all that with such a server and prints what it saw as JSON. By `ws`.

import { once } from 'node:events';

import type { RawData } from 'ws';
import { WebSocket, WebSocketServer } from 'ws';

async function serve(port: string): Promise<void> {
  const handleProtocols = (): string => 'chat.v2';
  const server = new WebSocketServer({
    ...{ host: '127.0.0.1', port: Number(port), handleProtocols, perMessageDeflate: true },
  });
  server.on('connection', (socket) => {
    socket.on('message', (bytes: Buffer, isBinary) => {
      const text = isBinary ? '' : bytes.toString();
      if (text === 'ping me') socket.ping();
      else if (text === 'close me') socket.close(4001, 'as you wish');
      else socket.send(bytes, { binary: isBinary });
    });
    socket.on('pong', () => {
      socket.send('pong came');
    });
    socket.on('close', (code, reason) => {
      console.log('closed', code, reason.toString());
    });
  });
  await once(server, 'listening');
  console.log('listening');
}

async function open(url: string, token: string): Promise<WebSocket> {
  const headers = { Authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, ['chat.v1', 'chat.v2'], { headers, perMessageDeflate: true });
  await once(socket, 'open');
  return socket;
}

async function exercise(url: string, token: string): Promise<void> {
  const socket = await open(url, token);
  const next = async (): Promise<Buffer> => {
    const [message] = (await once(socket, 'message')) as [RawData];
    return message as Buffer;
  };
  const echoes = async (message: Buffer | string): Promise<boolean> => {
    socket.send(message);
    return (await next()).equals(Buffer.from(message));
  };
  const { protocol, extensions } = socket;
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const text = await echoes('zwölf ✓');
  const binary = await echoes(bytes);
  const large = await echoes('x'.repeat(600_000));
  for (const piece of ['a', 'b']) socket.send(piece, { fin: false });
  socket.send('c');
  const pieces = (await next()).toString() === 'abc';
  socket.ping('there?');
  const [answer] = (await once(socket, 'pong')) as [Buffer];
  const pong = answer.toString() === 'there?';
  socket.send('ping me');
  const pinged = (await next()).toString();
  socket.send('close me');
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  const close = [code, reason.toString()];
  (await open(url, token)).close(4002, 'done');
  const seen = { protocol, extensions, text, binary, large, pieces, pong, pinged, close };
  console.log(JSON.stringify(seen));
}

const [, , mode, ...args] = process.argv;
await (mode === 'serve' ? serve : exercise)(args[0] ?? '', args[1] ?? '');
