// Every message that real clients and a real server exchanged is read, shown and written back byte for byte.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  decodeStartupPacket,
  FrameReader,
  traceFrame,
  type Direction,
} from '../../../../hosts/postgres/wire/index.ts';
import { backendCodecs, frontendCodecs } from '../../../fuzz/targets/postgres-codecs.ts';

const folder = new URL('../../../transcripts/postgres/', import.meta.url);

interface Entry {
  readonly trace: string;
  readonly bytes: Buffer;
  readonly direction: Direction;
}

const read = (file: string): Entry[] => {
  const lines = readFileSync(new URL(file, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.flatMap((trace, index) => {
    if (index % 2 === 1) return [];
    const bytes = Buffer.from((lines[index + 1] ?? '').trim(), 'hex');
    return [{ trace, bytes, direction: trace.startsWith('F') ? 'frontend' : 'backend' }];
  });
};

const isTyped = ({ trace }: Entry): boolean => !/^. (packet|byte) /.test(trace);

const codecs = { frontend: frontendCodecs, backend: backendCodecs };

/** Codecs of the message's type; more than one for the three shapes of `p` only. */
const accepting = ({ bytes, direction }: Entry): string[] =>
  [...codecs[direction], ...codecs.frontend].flatMap(({ name, check }) => {
    try {
      check(bytes);
      return [name];
    } catch {
      return [];
    }
  });

describe.each(readdirSync(folder))('%s', (file) => {
  const entries = read(file);
  const typed = entries.filter(isTyped);

  it('is shown as it was when it was recorded', () => {
    expect(typed.map(({ direction, bytes }) => traceFrame(direction, bytes))).toEqual(
      typed.map(({ trace }) => trace),
    );
  });

  it('has a codec for each message that gives back its bytes', () => {
    const lost = typed.filter((entry) => accepting(entry).length === 0);
    expect(lost.map(({ trace }) => trace)).toEqual([]);
  });

  it('starts with packets that are read', () => {
    const packets = entries.filter(({ trace }) => trace.startsWith('F packet'));
    expect(packets.map(({ bytes }) => decodeStartupPacket(bytes).kind).at(-1)).toBe('startup');
  });

  it.each(['frontend', 'backend'] as const)('is cut into the same messages: %s', (direction) => {
    const frames = typed.filter((entry) => entry.direction === direction);
    const stream = Buffer.concat(frames.map(({ bytes }) => bytes));
    for (const size of [1, 7, 100, stream.length]) {
      const reader = new FrameReader({ direction, bytesMax: () => 100_000 });
      const found: string[] = [];
      for (let offset = 0; offset < stream.length; offset += size) {
        reader.push(stream.subarray(offset, offset + size));
        while (reader.next()) found.push(reader.buffer.toString('hex', reader.start, reader.end));
      }
      expect(found).toEqual(frames.map(({ bytes }) => bytes.toString('hex')));
    }
  });
});
