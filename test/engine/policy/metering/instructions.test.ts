// The meter must see instructions where the engine sees them: each one is tried with bytes that look like others.

import { describe, expect, it } from '@jest/globals';

import { meter } from '../../../../engine/policy/metering/index.ts';
import type { Bytes } from '../../../support/wasm-bytes.ts';
import { end, noResult, smallModule } from '../../../support/wasm-bytes.ts';

const unreachable = 0x00;
const loop = 0x03;
const memoryGrow = 0x40;
const looksLikeLoop = [loop, noResult];
const between = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
const repeat = (times: number, ...bytes: Bytes) =>
  Array.from({ length: times }, () => bytes).flat();

/** First opcode, last opcode, what follows: zeros and loops, padded to more bytes than they need. */
const known: readonly (readonly [first: number, last: number, after?: Bytes])[] = [
  [0x00, 0x01],
  [0x02, 0x03, [noResult, end]],
  [0x04, 0x04, [noResult, 0x05, end]],
  [0x0c, 0x0d, [0x80, 0]],
  [0x0e, 0x0e, [2, 0, 0x80, 0, 0]],
  [0x0f, 0x0f],
  [0x10, 0x10, [0x80, 0x80, 0]],
  [0x11, 0x11, [0x80, 0, 0]],
  [0x1a, 0x1b],
  [0x1c, 0x1c, [1, 0x7f]],
  [0x20, 0x26, [0x80, 0]],
  [0x28, 0x3e, [0, 0xff, 0xff, loop]],
  [0x3f, 0x40, [0]],
  [0x41, 0x41, [0x83, 0x83, 0x83, 0x83, loop]],
  [0x42, 0x42, [...repeat(9, 0x83), 0x7f]],
  [0x43, 0x43, repeat(2, ...looksLikeLoop)],
  [0x44, 0x44, repeat(4, ...looksLikeLoop)],
  [0x45, 0xc4],
  [0xd0, 0xd0, [0x70]],
  [0xd1, 0xd1],
  [0xd2, 0xd2, [0x80, 0]],
  ...between(0, 7).map((code) => [0xfc, 0xfc, [code]] as const),
];
const instructions = known.flatMap(([first, last, after = []]) =>
  between(first, last).map((opcode) => [opcode, ...after]),
);
const hex = (bytes: Bytes) => Buffer.from(bytes).toString('hex');

/** How often a counter is compared: i32.const 0, i32.lt_s, if, unreachable, end. */
const chargesIn = (wasm: Uint8Array) => hex([...wasm]).split('4100480440000b').length - 1;

describe('every instruction', () => {
  it('is passed over as the engine does, so that the loop behind it is found', () => {
    for (const bytes of instructions) {
      // Behind `unreachable` operands may be of any type.
      const body = [unreachable, ...bytes, unreachable, loop, noResult, end];
      const wasm = smallModule({ locals: 1, body });
      expect([hex(bytes), WebAssembly.validate(wasm)]).toEqual([hex(bytes), true]);
      const metered = meter(wasm);
      expect([hex(bytes), WebAssembly.validate(metered)]).toEqual([hex(bytes), true]);
      const own = bytes[0] === loop || bytes[0] === memoryGrow ? 1 : 0;
      expect([hex(bytes), chargesIn(metered)]).toEqual([hex(bytes), 2 + own]);
    }
    expect(instructions.length).toBeGreaterThan(180);
  });

  it('is refused where it is unknown', () => {
    const inside = [0x05, end, 0xfc];
    const others = between(0, 255).filter(
      (opcode) => !inside.includes(opcode) && !instructions.some(([first]) => first === opcode),
    );
    for (const opcode of others) {
      const wasm = smallModule({ body: [unreachable, opcode, 0, 0, unreachable] });
      expect(() => meter(wasm)).toThrow(expect.objectContaining({ code: 'policy-load' }));
    }
    expect(others.length).toBeGreaterThan(50);
  });
});
