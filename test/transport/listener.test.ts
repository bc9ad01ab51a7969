import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConnectionSlots, Listener, pump } from '#transport';
import type { ListenerOptions } from '#transport';

/** With IPv6 where the machine has it. */
const loopbacks = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .map(({ address }) => address)
  .filter((address) => address === '127.0.0.1' || address === '::1');

const opened: Listener[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((listener) => listener.drain(0)));
});

async function listen(options: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = await Listener.open({
    address: { host: '127.0.0.1', port: 0 },
    slots: new ConnectionSlots(100),
    onConnection: (socket) => pump(socket, (chunk) => void socket.write(chunk)),
    onRefused: (socket) => {
      socket.end('too many');
      return Promise.resolve();
    },
    onEvent: () => undefined,
    ...options,
  });
  opened.push(listener);
  return listener;
}

async function dialled(listener: Listener): Promise<Socket> {
  const socket = connect({ ...listener.address() });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

describe('Listener', () => {
  it.each(loopbacks)('listens on a port of the system at %s', async (host) => {
    const listener = await listen({ address: { host, port: 0 } });
    expect(listener.address().port).toBeGreaterThan(0);
    const socket = await dialled(listener);
    expect(await echo(socket, 'hello')).toBe('hello');
    socket.destroy();
  });

  it('says when its address cannot be bound', async () => {
    const first = await listen();
    await expect(listen({ address: first.address() })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('refuses natively over the limit, which listeners share, and accepts again below it', async () => {
    const slots = new ConnectionSlots(2);
    const events: string[] = [];
    const one = await listen({ slots, onEvent: (event) => void events.push(event) });
    const two = await listen({ slots });
    const kept = [await dialled(one), await dialled(two)];
    for (const socket of kept) expect(await echo(socket, 'in')).toBe('in');
    const extra = await dialled(one);
    const [words] = (await once(extra, 'data')) as [Buffer];
    expect(words.toString()).toBe('too many');
    expect(events).toContain('connection-refused');

    kept[0]?.end();
    await once(kept[0]!, 'close');
    await two.drain(0);
    const again = await dialled(one);
    expect(await echo(again, 'in')).toBe('in');
    again.destroy();
  });

  it('ends only the session that failed', async () => {
    const events: string[] = [];
    const listener = await listen({
      onEvent: (event) => void events.push(event),
      onConnection: (socket) =>
        pump(socket, (chunk) => {
          if (chunk.toString() === 'poison') throw new Error('a bug');
          socket.write(chunk);
        }),
    });
    const [good, bad] = [await dialled(listener), await dialled(listener)];
    bad.write('poison');
    await once(bad, 'close');
    expect(events).toEqual(['listening', 'session-failed']);
    expect(await echo(good, 'still here')).toBe('still here');
    good.destroy();
  });

  it('lets sessions end in peace when drained, and accepts nobody new', async () => {
    const listener = await listen({
      onConnection: async (socket, draining) => {
        socket.resume();
        await once(draining, 'abort');
        socket.end('good bye');
      },
    });
    const socket = await dialled(listener);
    const said = once(socket, 'data');
    while (listener.openConnections === 0) await new Promise(setImmediate);
    const outcome = listener.drain(30_000);
    const late = connect({ ...listener.address() });
    await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(String((await said)[0])).toBe('good bye');
    expect(await outcome).toEqual({ ended: 1, cut: 0 });
  });

  it('cuts what does not end in time', async () => {
    const listener = await listen();
    const socket = await dialled(listener);
    await echo(socket, 'here');
    const closed = once(socket, 'close');
    expect(await listener.drain(50)).toEqual({ ended: 0, cut: 1 });
    await closed;
    expect(listener.openConnections).toBe(0);
  });

  it('lets a session that is over flush its last words', async () => {
    const words = Buffer.alloc(4 * 1024 * 1024, 'x');
    const listener = await listen({
      onConnection: (socket) => {
        socket.end(words);
        return Promise.resolve();
      },
    });
    const socket = await dialled(listener);
    let received = 0;
    await pump(socket, (chunk) => void (received += chunk.length));
    expect(received).toBe(words.length);
  });
});

describe('ConnectionSlots', () => {
  it('takes back a slot once, however often it is released', () => {
    const slots = new ConnectionSlots(1);
    const release = slots.take();
    expect(slots.take()).toBeNull();
    release?.();
    release?.();
    expect(slots.taken).toBe(0);
  });
});
