// What cannot be metered, though some of it runs in V8.

import { describe, expect, it } from '@jest/globals';

import { meter } from '../../../../engine/policy/metering/index.ts';
import type { Bytes } from '../../../support/wasm-bytes.ts';
import {
  constant,
  end,
  header,
  name,
  noResult,
  section,
  signature,
  sized,
  smallModule,
} from '../../../support/wasm-bytes.ts';

const refused = expect.objectContaining({ code: 'policy-load' });

describe('the meter refuses', () => {
  const wasm = smallModule({ body: [0x03, noResult, end] });
  const withCode = (body: Bytes) =>
    Uint8Array.from([
      ...header,
      ...section(1, [signature(0, 0)]),
      ...section(3, [[0]]),
      ...section(5, [[0x01, 1, 2]]),
      ...section(10, [sized([0, ...body, end])]),
    ]);
  const withSection = (id: number, content: Bytes) =>
    Uint8Array.from([...wasm, id, ...sized(content)]);
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array()],
    ['a text', Buffer.from('(module)')],
    ['a header of another version', Uint8Array.from([...header.slice(0, 4), 2, 0, 0, 0])],
    ['bytes behind the last section', Uint8Array.from([...wasm, 0])],
    ['an unknown section', withSection(14, [])],
    [
      'the section of a proposal',
      Uint8Array.from([...header, ...section(1, [signature(0, 0)]), ...section(13, [[0, 0]])]),
    ],
    ['a section that comes twice', withSection(10, [0])],
    ['a module that is metered already', meter(wasm)],
    ['a module that sets the global it will get', withCode([...constant(1), 0x24, 0])],
    ['an unknown opcode', withCode([0x27])],
    ['a call that leaves no frame', withCode([0x12, 0])],
    ['a block of exceptions', withCode([0x06, noResult, end])],
    ['memory.fill', withCode([...constant(0), ...constant(0), ...constant(9), 0xfc, 11, 0])],
    ['memory.copy', withCode([...constant(0), ...constant(0), ...constant(9), 0xfc, 10, 0, 0])],
    ['vectors', withCode([0xfd, 12, ...Array<number>(16).fill(0), 0x1a])],
    ['atomic instructions', withCode([0xfe, 3, 0])],
    ['a type of a proposal', withCode([0x02, 0x63, 0x70, 0xd0, 0x70, end, 0x1a])],
    ['an integer of six bytes', withCode([0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x1a])],
    ['an integer with bits that it has not', withCode([0x41, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a])],
    ['code behind the end of a function', withCode([end, 0x01])],
    ['a function that does not end', withCode([0x02, noResult])],
    [
      'a shared memory',
      Uint8Array.from([...header, ...section(2, [[...name('e'), ...name('m'), 0x02, 0x03, 1, 2]])]),
    ],
  ];
  it.each(cases)('%s', (_what, bytes) => {
    expect(() => meter(bytes)).toThrow(refused);
  });

  it('every beginning of a module that is none itself', () => {
    for (let length = 0; length < wasm.length; length += 1) {
      const part = wasm.subarray(0, length);
      if (!WebAssembly.validate(part)) expect(() => meter(part)).toThrow(refused);
    }
  });
});
