// The same exercise as in ws-peer.ts, by the WebSocket that is built into Node: no pings, no pieces.

const [, , , url = '', token = ''] = process.argv;

/** Node takes what browsers do not: headers (undici, WebSocketInit). */
const open = (): WebSocket =>
  new WebSocket(url, {
    protocols: ['chat.v1', 'chat.v2'],
    headers: { authorization: `Bearer ${token}` },
  });

async function once<T extends Event>(socket: WebSocket, name: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  socket.addEventListener(name, (event) => resolve(event as T), { once: true });
  socket.addEventListener('error', () => reject(new Error('it failed')), { once: true });
  return promise;
}

const socket = open();
socket.binaryType = 'arraybuffer';
await once(socket, 'open');

async function answerTo(message: string | Buffer): Promise<Buffer> {
  const answer = once<MessageEvent>(socket, 'message');
  socket.send(message);
  const data = (await answer).data as string | ArrayBuffer;
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data);
}

const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const { protocol, extensions } = socket;
const text = (await answerTo('zwölf ✓')).toString() === 'zwölf ✓';
const binary = (await answerTo(bytes)).equals(bytes);
const large = (await answerTo('x'.repeat(600_000))).length === 600_000;
const pinged = (await answerTo('ping me')).toString();
const closed = once<CloseEvent>(socket, 'close');
socket.send('close me');
const { code, reason } = await closed;
const other = open();
await once(other, 'open');
other.close(4002, 'done');
await once(other, 'close');
const seen = { protocol, extensions, text, binary, large, pinged, close: [code, reason] };
console.log(JSON.stringify(seen));
