import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeFrame,
  FrameReader,
  MessageAssembler,
  opcodes,
} from '../../../../../hosts/http/wire/websocket/index.ts';
import type { FrameReaderOptions } from '../../../../../hosts/http/wire/websocket/index.ts';
import { bytewise, hex, readAll } from './frames.ts';

const text = (payload: string, final = true) =>
  encodeFrame({ opcode: opcodes.text, final, payload: Buffer.from(payload) });
const more = (payload: string, final = true) =>
  encodeFrame({ opcode: opcodes.continuation, final, payload: Buffer.from(payload) });
const ping = (payload = '') =>
  encodeFrame({ opcode: opcodes.ping, final: true, payload: Buffer.from(payload) });
const key = hex('37 fa 21 3d');

describe('FrameReader', () => {
  it('reads the examples of RFC 6455 §5.7', () => {
    expect(readAll([hex('81 05 48 65 6c 6c 6f')])).toEqual(['text<> Hello']);
    const masked = hex('81 85 37 fa 21 3d 7f 9f 4d 51 58');
    expect(readAll([masked], { from: 'client' })).toEqual(['text<> Hello']);
    expect(readAll([hex('01 03 48 65 6c'), hex('80 02 6c 6f')])).toEqual(['text< Hel', 'text> lo']);
    expect(readAll([hex('89 05 48 65 6c 6c 6f')])).toEqual(['ping Hello']);
    const pong = hex('8a 85 37 fa 21 3d 7f 9f 4d 51 58');
    expect(readAll([pong], { from: 'client' })).toEqual(['pong Hello']);
  });

  /** Like Autobahn's cases: what comes in, what comes out. */
  it.each([
    ['an empty text', text(''), ['text<> ']],
    ['125 bytes', text('x'.repeat(125)), [`text<> ${'x'.repeat(125)}`]],
    ['126 bytes', text('x'.repeat(126)), [`text<> ${'x'.repeat(126)}`]],
    ['65,535 bytes', text('x'.repeat(65_535)), [`text<> ${'x'.repeat(65_535)}`]],
    ['65,536 bytes', text('x'.repeat(65_536)), [`text<> ${'x'.repeat(65_536)}`]],
    ['a binary that is no UTF-8', hex('82 02 ff fe'), ['binary<> ÿþ']],
    ['an empty fragment first', Buffer.concat([text('', false), more('a')]), ['text< ', 'text> a']],
    [
      'a ping between fragments',
      Buffer.concat([text('a', false), ping('p'), more('b')]),
      ['text< a', 'ping p', 'text> b'],
    ],
    [
      'a character cut by fragments',
      Buffer.concat([hex('01 02 e2 82'), hex('80 01 ac')]),
      ['text< â\x82', 'text> ¬'],
    ],
    ['a close without a status', hex('88 00'), ['close - ']],
    ['a close with a reason', hex('88 04 03 e8 6f 6b'), ['close 1000 ok']],
    ['a close with a registered code', hex('88 02 03 f4'), ['close 1012 ']],
    ['a close with a private code', hex('88 02 13 87'), ['close 4999 ']],
    ['a pong that nobody asked for', hex('8a 00'), ['pong ']],
  ])('reads %s, whole and byte by byte', (_, stream, frames) => {
    expect(readAll([stream])).toEqual(frames);
    // Frames over 64 KiB come in the pieces that arrive.
    if (stream.length <= 65_536) expect(readAll(bytewise(stream))).toEqual(frames);
  });

  it.each([
    ['the first reserved bit', 'c1 00', 'frame-reserved-bits'],
    ['the second reserved bit', 'a1 00', 'frame-reserved-bits'],
    ['the third reserved bit', '91 00', 'frame-reserved-bits'],
    ['a reserved bit on a ping', 'c9 00', 'frame-reserved-bits'],
    ['opcode 3', '83 00', 'frame-opcode'],
    ['opcode 7', '87 00', 'frame-opcode'],
    ['opcode 11', '8b 00', 'frame-opcode'],
    ['opcode 15', '8f 00', 'frame-opcode'],
    ['a masked frame from a server', '81 80 00 00 00 00', 'frame-mask'],
    ['125 in two bytes', '82 7e 00 7d', 'frame-length'],
    ['0 in two bytes', '82 7e 00 00', 'frame-length'],
    ['65,535 in eight bytes', '82 7f 00 00 00 00 00 00 ff ff', 'frame-length'],
    ['a length with its highest bit', '82 7f 80 00 00 00 00 00 00 00', 'frame-length'],
    ['a length over 2^53', '82 7f 00 20 00 00 00 00 00 01', 'frame-length'],
    ['a length over the limit', '82 7f 00 00 00 00 00 10 00 01', 'message-too-large'],
    ['a ping of 126 bytes', '89 7e 00 7e', 'control-length'],
    ['a ping in fragments', '09 00', 'control-fragmented'],
    ['a close in fragments', '08 00', 'control-fragmented'],
    ['a continuation of nothing', '80 00', 'fragment-order'],
    ['a close of one byte', '88 01 03', 'close-payload'],
    ['close code 0', '88 02 00 00', 'close-code'],
    ['close code 999', '88 02 03 e7', 'close-code'],
    ['close code 1004', '88 02 03 ec', 'close-code'],
    ['close code 1005', '88 02 03 ed', 'close-code'],
    ['close code 1006', '88 02 03 ee', 'close-code'],
    ['close code 1015', '88 02 03 f7', 'close-code'],
    ['close code 2999', '88 02 0b b7', 'close-code'],
    ['close code 5000', '88 02 13 88', 'close-code'],
    ['a close reason that is no UTF-8', '88 04 03 e8 c3 28', 'close-reason'],
    ['a lone continuation byte', '81 01 80', 'text-utf8'],
    ['an overlong slash', '81 02 c0 af', 'text-utf8'],
    ['a surrogate', '81 03 ed a0 80', 'text-utf8'],
    ['a code point over U+10FFFF', '81 04 f4 90 80 80', 'text-utf8'],
    ['a byte that never occurs', '81 05 f8 88 80 80 80', 'text-utf8'],
    ['a text that ends inside a character', '81 02 e2 82', 'text-utf8'],
  ])('refuses %s by name, whole and byte by byte', (_, bytes, rule) => {
    expect(readAll([hex(bytes)])).toEqual([rule]);
    expect(readAll(bytewise(hex(bytes)))).toEqual([rule]);
  });

  it.each([
    ['a new message inside another', [text('a', false), text('b')], ['text< a', 'fragment-order']],
    [
      'a second end of a message',
      [text('a', false), more('b'), more('c')],
      ['text< a', 'text> b', 'fragment-order'],
    ],
    [
      'invalid UTF-8 in a later fragment',
      [text('ab', false), hex('00 01 e2'), hex('80 01 28')],
      ['text< ab', 'text â', 'text-utf8'],
    ],
    ['a frame behind a close', [hex('88 00'), ping()], ['close - ', 'frame-after-close']],
    ['one byte behind a close', [hex('88 00'), hex('00')], ['close - ', 'frame-after-close']],
  ])('refuses %s after what came before', (_, frames, shown) => {
    expect(readAll([Buffer.concat(frames)])).toEqual(shown);
    expect(readAll(bytewise(Buffer.concat(frames)))).toEqual(shown);
  });

  it('refuses a frame of a client that is not masked', () => {
    expect(readAll([hex('81 00')], { from: 'client' })).toEqual(['frame-mask']);
  });

  it('counts the limit over all fragments, and anew for the next message', () => {
    const options = { messageBytesMax: 4 };
    const fits = Buffer.concat([text('ab', false), more('cd'), text('abcd')]);
    expect(readAll([fits], options)).toEqual(['text< ab', 'text> cd', 'text<> abcd']);
    const over = Buffer.concat([text('ab', false), more('cde')]);
    expect(readAll([over], options)).toEqual(['text< ab', 'message-too-large']);
  });

  it('refuses a length over the limit before any of it has come', () => {
    const header = encodeFrame({ opcode: opcodes.binary, final: true, payload: Buffer.alloc(500) });
    const shown = readAll([header.subarray(0, 4)], { messageBytesMax: 499 });
    expect(shown).toEqual(['message-too-large']);
  });

  it('says when it lies between two messages', () => {
    const reader = new FrameReader({ from: 'server', messageBytesMax: 100 });
    expect(reader.idle).toBe(true);
    reader.push(Buffer.concat([text('a', false), more('b').subarray(0, 1)]));
    reader.next();
    expect(reader.next()).toBeUndefined();
    expect(reader.idle).toBe(false);
    reader.push(more('b').subarray(1));
    reader.next();
    expect(reader.idle).toBe(true);
  });

  it('refuses a chunk before the last one was read: its bytes would be lost', () => {
    const reader = new FrameReader({ from: 'server', messageBytesMax: 100 });
    reader.push(text('a'));
    expect(() => reader.push(text('b'))).toThrow('push before');
  });
});

const drawn = fc.array(
  fc.record({
    payload: fc.uint8Array({ maxLength: 300 }),
    cuts: fc.array(fc.nat(300), { maxLength: 3 }),
    control: fc.boolean(),
  }),
  { maxLength: 6 },
);

/** Frames of binary messages, each cut where drawn, with pings between its fragments. */
function streamOf(messages: ReturnType<typeof drawn.generate>['value'], mask?: Buffer): Buffer {
  const frames = messages.flatMap(({ payload, cuts, control }) => {
    const bounds = [0, ...cuts.filter((at) => at < payload.length).sort((a, b) => a - b)];
    return bounds.flatMap((from, index) => {
      const to = bounds[index + 1] ?? payload.length;
      const opcode = index === 0 ? opcodes.binary : opcodes.continuation;
      const part = payload.subarray(from, to);
      const frame = encodeFrame(
        { opcode, final: index === bounds.length - 1, payload: part },
        mask,
      );
      const between = encodeFrame(
        { opcode: opcodes.ping, final: true, payload: part.subarray(0, 9) },
        mask,
      );
      return control ? [frame, between] : [frame];
    });
  });
  return Buffer.concat(frames);
}

function messagesOf(stream: Buffer, sizes: readonly number[], from: FrameReaderOptions['from']) {
  const reader = new FrameReader({ from, messageBytesMax: 1000 });
  const assembler = new MessageAssembler();
  const messages: string[] = [];
  for (let offset = 0, turn = 0; offset < stream.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? stream.length;
    reader.push(Buffer.from(stream.subarray(offset, offset + size)));
    offset += size;
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (frame.kind !== 'piece') continue;
      const message = assembler.add(frame);
      if (message !== undefined) messages.push(message.payload.toString('hex'));
    }
  }
  expect(reader.idle).toBe(true);
  return messages;
}

describe('frames written and read again', () => {
  it.each([
    ['client', key],
    ['server', undefined],
  ] as const)('give the same messages of a %s, however cut', (from, mask) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(drawn, sizes, (messages, chunkSizes) => {
        const stream = streamOf(messages, mask);
        const expected = messages.map(({ payload }) => Buffer.from(payload).toString('hex'));
        expect(messagesOf(stream, [], from)).toEqual(expected);
        expect(messagesOf(stream, [1], from)).toEqual(expected);
        expect(messagesOf(stream, chunkSizes, from)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('carry long messages in pieces, unmasked right wherever they were cut', () => {
    const payload = Buffer.from(Array.from({ length: 70_001 }, (_, at) => at * 31));
    const frame = encodeFrame({ opcode: opcodes.binary, final: true, payload }, key);
    const reader = new FrameReader({ from: 'client', messageBytesMax: 100_000 });
    const assembler = new MessageAssembler();
    let message: Buffer | undefined;
    for (let offset = 0; offset < frame.length; offset += 1_003) {
      reader.push(frame.subarray(offset, offset + 1_003));
      for (let piece = reader.next(); piece?.kind === 'piece'; piece = reader.next()) {
        message = assembler.add(piece)?.payload;
      }
    }
    expect(message?.equals(payload)).toBe(true);
  });
});
