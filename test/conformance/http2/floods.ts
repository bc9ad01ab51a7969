// What callers may send without end over HTTP/2 (RFC 9113 §10.5), as many bytes as it takes to be noticed.

import type { Frame } from '../../adversarial/http/http2-frames.ts';
import { encodeFields, encodeFrame, flag, frameType } from '../../adversarial/http/http2-frames.ts';
import type { Good } from './case.ts';
import { data, frame, headers, onConnection, setting, uint32 } from './case.ts';

export interface Flood {
  readonly name: string;
  readonly bytes: (good: Good) => Buffer;
  /** How many requests are refused one by one, where the connection goes on. */
  readonly refused?: number;
}

const type = frameType;
const times = (count: number, frames: (index: number) => readonly Frame[]): Buffer =>
  Buffer.concat(
    Array.from({ length: count }, (_, index) => Buffer.concat(frames(index).map(encodeFrame))),
  );
const streamOf = (index: number): number => 2 * index + 1;

/** One entry of four kilobytes, and a block that names it sixteen thousand times. */
function bomb({ get }: Good, index: number): readonly Frame[] {
  const value = Buffer.alloc(3_900, 'a');
  const entry = Buffer.concat([Buffer.of(0x40, 1, 0x78, 0x7f, 0xbd, 0x1d), value]);
  const references = Buffer.alloc(16_000 - get.payload.length, 0x80 | 62);
  const block = index === 0 ? entry : references;
  return [headers(Buffer.concat([get.payload, block]), get.flags, streamOf(index))];
}

export const floods: readonly Flood[] = [
  {
    name: 'requests that are reset at once (CVE-2023-44487)',
    bytes: ({ get }) =>
      times(10_000, (index) => [
        { ...get, stream: streamOf(index) },
        frame(type.reset, uint32(8), { on: streamOf(index) }),
      ]),
  },
  {
    name: 'CONTINUATION without end (CVE-2024-27983)',
    bytes: ({ get }) =>
      Buffer.concat([
        encodeFrame({ ...get, flags: flag.endStream }),
        times(50_000, (index) => [
          frame(type.continuation, encodeFields([[`x${index}`, 'a'.repeat(50)]])),
        ]),
      ]),
  },
  {
    name: 'empty CONTINUATION',
    bytes: ({ get }) =>
      Buffer.concat([
        encodeFrame({ ...get, flags: flag.endStream }),
        times(100_000, () => [frame(type.continuation)]),
      ]),
  },
  {
    name: 'empty DATA (CVE-2019-9518)',
    bytes: ({ post }) => Buffer.concat([encodeFrame(post), times(100_000, () => [data('', 0)])]),
  },
  {
    name: 'empty HEADERS',
    bytes: () => times(20_000, (index) => [headers(Buffer.alloc(0), 5, streamOf(index))]),
  },
  {
    name: 'PING (CVE-2019-9512)',
    bytes: () => times(100_000, () => [onConnection(type.ping, Array<number>(8).fill(1))]),
  },
  {
    name: 'SETTINGS (CVE-2019-9515)',
    bytes: () => times(100_000, () => [setting(3, 100)]),
  },
  {
    name: 'PRIORITY (CVE-2019-9513)',
    bytes: () => times(100_000, (index) => [frame(type.priority, [0, 0, 0, 0, index & 255])]),
  },
  {
    name: 'frames of unknown types',
    bytes: () => times(100_000, () => [frame(0xfe)]),
  },
  {
    name: 'requests above the number of streams',
    bytes: ({ post }) => times(20_000, (index) => [{ ...post, stream: streamOf(index) }]),
  },
  {
    name: 'a bomb of compressed fields (CVE-2016-6581)',
    bytes: (good) => times(300, (index) => bomb(good, index)),
    refused: 299,
  },
];
