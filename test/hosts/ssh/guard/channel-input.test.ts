// What is not read yet: all of it, in order, and no more memory than bytes.

import { finished } from 'node:stream/promises';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ChannelInput } from '../../../../hosts/ssh/guard/channel-input.ts';

const collect = async (input: ChannelInput): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

describe('the input of a channel', () => {
  it('gives back every byte, whether it is read at once or late', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 5000, minLength: 1 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (chunks, late) => {
        const input = new ChannelInput(() => undefined);
        const read = late ? undefined : collect(input);
        for (const chunk of chunks) input.receive(Buffer.from(chunk));
        input.complete();
        const all = await (read ?? collect(input));
        expect(all.equals(Buffer.concat(chunks))).toBe(true);
      }),
    );
  });

  it('gathers single bytes', async () => {
    const input = new ChannelInput(() => undefined);
    for (let at = 0; at < 100_000; at += 1) input.receive(Buffer.of(at));
    expect(input.unreadBytes).toBe(100_000);
    input.complete();
    let chunks = 0;
    let bytes = 0;
    input.on('data', (chunk: Buffer) => {
      chunks += 1;
      bytes += chunk.length;
    });
    await finished(input);
    expect(bytes).toBe(100_000);
    expect(chunks).toBeLessThan(10);
  });

  it('tells when it was read, and counts what was not', async () => {
    let told = 0;
    const input = new ChannelInput(() => (told += 1));
    input.receive(Buffer.alloc(3000));
    input.receive(Buffer.alloc(3000));
    expect(input.unreadBytes).toBe(6000);
    expect(told).toBe(0);
    input.complete();
    input.resume();
    await finished(input);
    expect(input.unreadBytes).toBe(0);
    expect(told).toBeGreaterThan(0);
  });

  it('drops what comes when nobody will read it', () => {
    const input = new ChannelInput(() => undefined);
    input.destroy();
    input.receive(Buffer.alloc(3000));
    input.complete();
    expect(input.unreadBytes).toBe(0);
  });
});
