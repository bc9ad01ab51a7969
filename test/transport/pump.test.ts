import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ByteSource, StreamWriter, pump, startDeadline } from '#transport';
import { socketPair } from '../support/socket-pair.ts';

const numbers = (count: number): Buffer => {
  const bytes = Buffer.alloc(count * 4);
  for (let i = 0; i < count; i += 1) bytes.writeUInt32BE(i, i * 4);
  return bytes;
};

describe('pump', () => {
  it('delivers every byte in order and never two chunks at once', async () => {
    await using pair = await socketPair();
    const sent = numbers(300_000);
    const received: Buffer[] = [];
    let inside = 0;
    let chunks = 0;
    const done = pump(pair.far, (chunk) => {
      expect(inside).toBe(0);
      received.push(chunk);
      chunks += 1;
      if (chunks % 2 === 0) return undefined;
      inside += 1;
      return new Promise((resolve) =>
        setImmediate(() => {
          inside -= 1;
          resolve();
        }),
      );
    });
    pair.near.end(sent);
    await done;
    expect(chunks).toBeGreaterThan(2);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  it('resolves on the end that comes while a promise is pending only after that promise', async () => {
    await using pair = await socketPair();
    const release = Promise.withResolvers<undefined>();
    const events: string[] = [];
    const done = pump(pair.far, async () => {
      await release.promise;
      events.push('handled');
    }).then(() => events.push('done'));
    pair.near.end('x');
    await once(pair.far, 'end');
    events.push('ended');
    release.resolve(undefined);
    await done;
    expect(events).toEqual(['ended', 'handled', 'done']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])(
    'rejects once when the handler %s, delivers nothing more and leaves the socket usable',
    async (_, onChunk) => {
      await using pair = await socketPair();
      let calls = 0;
      const done = pump(pair.far, () => {
        calls += 1;
        return onChunk();
      });
      pair.near.write('first');
      await expect(done).rejects.toThrow('broken');
      pair.near.write('second');
      pair.far.write('sorry');
      const [answer] = (await once(pair.near, 'data')) as [Buffer];
      expect(answer.toString()).toBe('sorry');
      expect(calls).toBe(1);
    },
  );

  it('rejects when the peer resets the connection', async () => {
    await using pair = await socketPair();
    const done = pump(pair.far, () => undefined);
    pair.near.resetAndDestroy();
    await expect(done).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('resolves on a socket that is closed already', async () => {
    await using pair = await socketPair();
    pair.far.destroy();
    await pump(pair.far, () => undefined);
    await pump(pair.far, () => undefined);
    expect(pair.far.destroyed).toBe(true);
  });

  it('holds a bounded amount when the other side does not read', async () => {
    await using source = await socketPair();
    await using sink = await socketPair();
    const limit = 256 * 1024;
    const writer = new StreamWriter(sink.near, limit);
    const full = Promise.withResolvers<undefined>();
    let most = 0;
    const total = 64 * 1024 * 1024;
    const done = pump(source.far, (chunk) => {
      const more = writer.write(chunk);
      most = Math.max(most, writer.bufferedBytes);
      if (more) return undefined;
      full.resolve(undefined);
      return writer.whenDrained();
    }).then(() => writer.end());
    source.near.end(Buffer.alloc(total));
    sink.far.pause();
    await full.promise;

    let read = 0;
    sink.far.on('data', (chunk: Buffer) => (read += chunk.length)).resume();
    await Promise.all([done, once(sink.far, 'end')]);
    expect(read).toBe(total);
    expect(most).toBeLessThan(limit + 128 * 1024);
  });
});

describe('StreamWriter', () => {
  it('wakes who waits when the peer is gone, and then takes no more', async () => {
    await using pair = await socketPair();
    const writer = new StreamWriter(pair.near, 1);
    pair.far.pause();
    while (writer.write(Buffer.alloc(1024 * 1024)));
    const waiting = [writer.whenDrained(), writer.whenDrained()];
    pair.near.destroy();
    await Promise.all(waiting);
    expect(writer.isClosed).toBe(true);
    expect(writer.write(Buffer.from('x'))).toBe(true);
  });
});

describe('ByteSource', () => {
  it('reads until the end and leaves what was not read to the pump', async () => {
    await using pair = await socketPair();
    using deadline = startDeadline(60_000, 'too slow');
    const source = new ByteSource(pair.far, deadline.signal);
    pair.near.write('hello');
    expect((await source.read())?.toString()).toBe('hello');
    const unread = once(pair.far, 'readable');
    pair.near.write('world');
    await unread;
    expect(source.hasUnread).toBe(true);
    const received: Buffer[] = [];
    const done = pump(pair.far, (chunk) => void received.push(chunk));
    pair.near.end('!');
    await done;
    expect(Buffer.concat(received).toString()).toBe('world!');
    expect(await source.read()).toBeNull();
  });

  it('hands over to the pump in the same turn', async () => {
    await using pair = await socketPair();
    using deadline = startDeadline(60_000, 'too slow');
    pair.near.write('hello');
    await new ByteSource(pair.far, deadline.signal).read();
    const received: Buffer[] = [];
    const done = pump(pair.far, (chunk) => void received.push(chunk));
    pair.near.end('world');
    await done;
    expect(Buffer.concat(received).toString()).toBe('world');
  });

  it('gives a peer that trickles no more time than the deadline for all', async () => {
    await using pair = await socketPair();
    using deadline = startDeadline(100, 'the login took too long');
    const source = new ByteSource(pair.far, deadline.signal);
    const trickle = setInterval(() => pair.near.write('x'), 5);
    const readAll = async () => {
      while ((await source.read()) !== null);
    };
    await expect(readAll()).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'the login took too long',
    });
    clearInterval(trickle);
  });

  it('reports a reset', async () => {
    await using pair = await socketPair();
    using deadline = startDeadline(60_000, 'too slow');
    const read = new ByteSource(pair.far, deadline.signal).read();
    pair.near.resetAndDestroy();
    await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
