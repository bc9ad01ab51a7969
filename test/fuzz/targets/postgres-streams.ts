// Readers of streams: however the bytes are cut into chunks, the same messages come out, and the same refusal.

import { strict as assert } from 'node:assert';
import * as wire from '../../../hosts/postgres/wire/index.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';

type Cut = (input: Buffer) => readonly Buffer[];

const whole: Cut = (input) => [input];
const byteByByte: Cut = (input) =>
  Array.from(input, (_, offset) => input.subarray(offset, offset + 1));

const randomly =
  (random: Random): Cut =>
  (input) => {
    const chunks: Buffer[] = [];
    for (let offset = 0; offset < input.length;) {
      const bytes = 1 + random.below(random.below(8) === 0 ? 4096 : 12);
      chunks.push(input.subarray(offset, offset + bytes));
      offset += bytes;
    }
    return chunks;
  };

export interface Reading {
  /** Hex of each whole message. */
  readonly messages: readonly string[];
  readonly refusal: string | undefined;
  readonly unread: number;
}

const readingOf = (reader: { readonly unread: number }, run: (messages: string[]) => void) => {
  const messages: string[] = [];
  try {
    run(messages);
  } catch (error) {
    if (!(error instanceof wire.WireError)) throw error;
    return { messages, refusal: `${error.code}: ${error.message}`, unread: 0 };
  }
  return { messages, refusal: undefined, unread: reader.unread };
};

export interface FrameReading {
  readonly direction: wire.Direction;
  readonly streams: boolean;
  readonly extend: boolean;
  readonly cut: Cut;
}

const bytesMax = 8 * 1024;
const everyType = wire.typeTable(Array.from({ length: 256 }, (_, type) => type));

/** A run that was extended counts as its single messages; pieces of one message are put together. */
const splitRun = (run: Buffer): string[] => {
  const messages: string[] = [];
  for (let offset = 0; offset < run.length;) {
    const end = offset + 1 + run.readInt32BE(offset + 1);
    messages.push(run.toString('hex', offset, end));
    offset = end;
  }
  return messages;
};

export const readFrames = (input: Buffer, how: FrameReading): Reading => {
  const { direction } = how;
  const streams = (): boolean => how.streams;
  const options = { direction, bytesMax: () => bytesMax, streams, streamBytesMin: 20 };
  const reader = new wire.FrameReader(options);
  const pieces: Buffer[] = [];
  return readingOf(reader, (messages) => {
    for (const chunk of how.cut(input)) {
      reader.push(Buffer.from(chunk));
      while (reader.next()) {
        if (how.extend) reader.extend(everyType);
        assert.equal(reader.opens, pieces.length === 0);
        if (reader.opens) assert(reader.end - reader.start >= wire.headerBytes);
        pieces.push(reader.buffer.subarray(reader.start, reader.end));
        if (!reader.closes) continue;
        const message = Buffer.concat(pieces.splice(0));
        if (!how.extend) assert.equal(message.length, reader.frameBytes);
        messages.push(...splitRun(message));
      }
    }
    if (pieces.length > 0) assert(!reader.idle);
  });
};

const checkFrames = (input: Buffer, random: Random): void => {
  for (const direction of ['frontend', 'backend'] as const) {
    const plain = { direction, streams: false, extend: false, cut: whole };
    const expected = readFrames(input, plain);
    for (const cut of [byteByByte, randomly(random)]) {
      assert.deepEqual(readFrames(input, { ...plain, cut }), expected);
    }
    for (const cut of [whole, byteByByte, randomly(random)]) {
      const extended = readFrames(input, { ...plain, cut, extend: true });
      assert.deepEqual(extended, expected);
      const streamed = readFrames(input, { ...plain, cut, extend: true, streams: true });
      assert.deepEqual(streamed.messages, expected.messages);
      assert.equal(streamed.refusal, expected.refusal);
    }
  }
};

export const readPackets = (input: Buffer, cut: Cut): Reading => {
  const reader = new wire.StartupReader(bytesMax);
  return readingOf(reader, (messages) => {
    for (const chunk of cut(input)) {
      reader.push(chunk);
      for (let packet = reader.next(); packet !== undefined; packet = reader.next()) {
        messages.push(packet.toString('hex'));
      }
    }
  });
};

const checkPackets = (input: Buffer, random: Random): void => {
  const expected = readPackets(input, whole);
  for (const cut of [byteByByte, randomly(random)]) {
    assert.deepEqual(readPackets(input, cut), expected);
  }
};

const encodePacket = (packet: wire.StartupPacket, version: number): Buffer => {
  switch (packet.kind) {
    case 'ssl':
      return wire.encodeSslRequest();
    case 'gss':
      return wire.encodeGssRequest();
    case 'cancel':
      return wire.encodeCancelRequest(packet);
    case 'startup':
      return wire.encodeStartup(packet.parameters, version);
  }
};

/** Names come out in lower case, and of a newer version what is spoken of it: it is the second round that must be exact. */
const checkStartup = (input: Buffer): void => {
  const packet = wire.decodeStartupPacket(input);
  const encoded = encodePacket(packet, input.readInt32BE(4));
  assert.equal(encoded.length, input.length);
  assert.deepEqual(wire.decodeStartupPacket(encoded), packet);
};

const repairPacket = (input: Buffer): Buffer => {
  if (input.length < 4) return input;
  const copy = Buffer.from(input);
  copy.writeInt32BE(copy.length, 0);
  return copy;
};

const checkScram = (payload: Buffer): void => {
  const { nonce, salt, iterations } = wire.decodeScramServerFirst(payload);
  assert(nonce.length > 0 && salt.length > 0);
  assert(iterations >= wire.iterationsMin && iterations <= wire.iterationsMax);
};

const scramFinal = { message: Buffer.alloc(0), serverSignature: Buffer.alloc(32, 7) };

const checkScramFinal = (payload: Buffer): void => {
  wire.verifyScramServerFinal(scramFinal, payload);
  assert.equal(payload.toString('latin1', 2, 46), scramFinal.serverSignature.toString('base64'));
};

const isRefusal = (error: unknown): boolean => error instanceof wire.WireError;

export const streamTargets: readonly Target[] = [
  { name: 'FrameReader', check: checkFrames, isRefusal },
  { name: 'StartupReader', check: checkPackets, isRefusal },
  { name: 'decodeStartupPacket', check: checkStartup, isRefusal, repair: repairPacket },
  { name: 'decodeScramServerFirst', check: checkScram, isRefusal },
  { name: 'verifyScramServerFinal', check: checkScramFinal, isRefusal },
];
