// WebSocket frames and upgrade answers: however the bytes are cut, the same messages and the same refusal.

import { strict as assert } from 'node:assert';
import * as websocket from '../../../hosts/http/wire/websocket/index.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';

type From = websocket.FrameReaderOptions['from'];

interface Reading {
  /** Whole messages and control frames. */
  readonly frames: readonly string[];
  readonly refusal: string | undefined;
}

const messageBytesMax = 100_000;
const maskKey = Buffer.from('a1b2c3d4', 'hex');

function* cut(input: Buffer, bytes: () => number): Generator<Buffer> {
  for (let offset = 0; offset < input.length;) {
    const end = offset + bytes();
    yield Buffer.from(input.subarray(offset, end));
    offset = end;
  }
}

function read(input: Buffer, from: From, bytes: () => number): Reading {
  const reader = new websocket.FrameReader({ from, messageBytesMax });
  const assembler = new websocket.MessageAssembler();
  const frames: string[] = [];
  try {
    for (const chunk of cut(input, bytes)) {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (frame.kind !== 'piece') {
          frames.push(JSON.stringify(frame));
          continue;
        }
        const message = assembler.add(frame);
        if (message === undefined) continue;
        assert(message.payload.length <= messageBytesMax);
        if (message.type === 'text') assert(isText(message.payload));
        frames.push(`${message.type} ${message.payload.toString('hex')}`);
      }
    }
  } catch (error) {
    if (!(error instanceof websocket.FrameError)) throw error;
    return { frames, refusal: error.rule };
  }
  return { frames, refusal: undefined };
}

const isText = (payload: Buffer): boolean => Buffer.from(payload.toString()).equals(payload);

function checkFrames(input: Buffer, random: Random): void {
  for (const from of ['client', 'server'] as const) {
    const whole = read(input, from, () => Math.max(1, input.length));
    assert.deepEqual(
      read(input, from, () => 1),
      whole,
    );
    assert.deepEqual(
      read(input, from, () => 1 + random.below(40)),
      whole,
    );
    checkAgain(input, from, whole);
  }
}

/** What was read, written by the gateway towards the other peer, is read there as the same. */
function checkAgain(input: Buffer, from: From, expected: Reading): void {
  const reader = new websocket.FrameReader({ from, messageBytesMax });
  const other = from === 'client' ? 'server' : 'client';
  const written: Buffer[] = [];
  const write = (opcode: websocket.Opcode, final: boolean, payload: Buffer): void => {
    const key = other === 'client' ? maskKey : undefined;
    written.push(websocket.encodeFrame({ opcode, final, payload }, key));
  };
  reader.push(Buffer.from(input));
  try {
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (frame.kind === 'piece') {
        const opcode = frame.opens ? frame.type : 'continuation';
        write(websocket.opcodes[opcode], frame.closes, frame.payload);
      } else if (frame.kind === 'close') {
        write(websocket.opcodes.close, true, websocket.encodeClosePayload(frame.close));
      } else write(websocket.opcodes[frame.kind], true, frame.payload);
    }
  } catch (error) {
    if (!(error instanceof websocket.FrameError)) throw error;
  }
  const stream = Buffer.concat(written);
  const again = read(stream, other, () => Math.max(1, stream.length));
  assert.deepEqual(again, { frames: expected.frames, refusal: undefined });
}

const asked = { key: 'dGhlIHNhbXBsZSBub25jZQ==', protocols: ['chat'], headBytesMax: 4096 };

/** An answer that is believed is believed at its last byte, not before, and whatever follows. */
function checkUpgrade(input: Buffer): void {
  const answer = websocket.readUpgradeHead(input, asked);
  if (answer.kind !== 'upgraded') return;
  const head = input.subarray(0, answer.headBytes);
  assert.deepEqual(websocket.readUpgradeHead(head, asked), answer);
  assert.equal(websocket.readUpgradeHead(head.subarray(0, -1), asked).kind, 'incomplete');
  assert(head.includes(websocket.acceptKey(asked.key)));
  assert(answer.protocol === undefined || asked.protocols.includes(answer.protocol));
}

export const websocketTargets: readonly Target[] = [
  { name: 'WebSocketFrameReader', check: checkFrames, isRefusal: () => false },
  { name: 'readUpgradeHead', check: checkUpgrade, isRefusal: () => false },
];
