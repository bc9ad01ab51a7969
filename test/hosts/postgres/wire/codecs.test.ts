// What holds for every codec, over the messages that its fuzz target starts from.

import { describe, expect, it } from '@jest/globals';
import { WireError } from '../../../../hosts/postgres/wire/index.ts';
import { readSeeds } from '../../../fuzz/target.ts';
import { backendCodecs, frontendCodecs } from '../../../fuzz/targets/postgres-codecs.ts';

const codecs = [...frontendCodecs, ...backendCodecs];

const withTrueLength = (frame: Buffer): Buffer => {
  const copy = Buffer.from(frame);
  copy.writeInt32BE(copy.length - 1, 1);
  return copy;
};

const withLength = (frame: Buffer, length: number): Buffer => {
  const copy = Buffer.from(frame);
  copy.writeInt32BE(length, 1);
  return copy;
};

const malformed = expect.objectContaining({ name: 'WireError', code: 'message-malformed' });

describe.each(codecs)('$name', ({ name, check, isOpenEnded }) => {
  const seeds = readSeeds(name);

  it('encodes what it decodes to the same bytes', () => {
    for (const seed of seeds) check(seed);
    expect(seeds.length).toBeGreaterThan(0);
  });

  it('refuses nothing, a piece of a header, and a header that lies about its size', () => {
    for (const seed of seeds) {
      const lies = [0, 3, -1, -0x80000000, 0x7fffffff, seed.length - 2, seed.length];
      const frames = lies.map((length) => withLength(seed, length));
      for (let bytes = 0; bytes < 5; bytes += 1) frames.push(seed.subarray(0, bytes));
      for (const frame of frames) expect(() => check(frame)).toThrow(malformed);
    }
  });

  it('refuses a message of another type', () => {
    for (const seed of seeds) {
      const frame = Buffer.from(seed);
      frame.writeUInt8(0x7a, 0);
      expect(() => check(frame)).toThrow(malformed);
    }
  });

  it('refuses a body that is cut anywhere', () => {
    for (const seed of seeds.filter((frame) => isOpenEnded?.(frame) !== true)) {
      for (let bytes = 5; bytes < seed.length; bytes += 1) {
        expect(() => check(withTrueLength(seed.subarray(0, bytes)))).toThrow(malformed);
      }
    }
  });

  it('refuses bytes behind the last field', () => {
    for (const seed of seeds.filter((frame) => isOpenEnded?.(frame) !== true)) {
      for (const extra of ['\0', 'x', '\0\0\0\0']) {
        const frame = withTrueLength(Buffer.concat([seed, Buffer.from(extra)]));
        expect(() => check(frame)).toThrow(malformed);
      }
    }
  });

  it('answers any byte changed with a message or a WireError', () => {
    const thrown: unknown[] = [];
    for (const seed of seeds) {
      for (let offset = 0; offset < seed.length; offset += 1) {
        for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
          const frame = Buffer.from(seed);
          frame.writeUInt8(byte, offset);
          try {
            check(frame);
          } catch (error) {
            thrown.push(error);
          }
        }
      }
    }
    expect(thrown.filter((error) => !(error instanceof WireError))).toEqual([]);
  });
});
