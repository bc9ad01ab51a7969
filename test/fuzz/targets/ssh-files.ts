// SFTP and scp from either peer: however the bytes are cut, the same requests reach the target, and only allowed ones.

import { strict as assert } from 'node:assert';
import {
  recogniseFileCommand,
  ScpInspector,
  SftpInspector,
  type ScpEffect,
  type SftpEffect,
} from '../../../hosts/ssh/files/index.ts';
import { BrokenChannel, RefusedRequest } from '../../../hosts/ssh/files/rules.ts';
import { decodeControlLine, encodeControlLine } from '../../../hosts/ssh/files/scp/control-line.ts';
import { extensionVersions } from '../../../hosts/ssh/files/sftp/extensions.ts';
import { PacketReader } from '../../../hosts/ssh/files/sftp/packet-reader.ts';
import { openFlags, packetTypes } from '../../../hosts/ssh/files/sftp/packet-types.ts';
import * as requests from '../../../hosts/ssh/files/sftp/request.ts';
import * as responses from '../../../hosts/ssh/files/sftp/response.ts';
import { decodeSftpVersion, encodeSftpVersion } from '../../../hosts/ssh/files/sftp/version.ts';
import type { Random } from '../random.ts';
import { isAllowed, SftpTarget } from '../sftp-target.ts';
import type { Target } from '../target.ts';

const isRefusal = (error: unknown): boolean =>
  error instanceof RefusedRequest || error instanceof BrokenChannel;

const packetBytesMax = 4096;
type Cut = () => number;
const byteByByte: Cut = () => 1;
const whole: Cut = () => 1 << 20;
const randomly =
  (random: Random): Cut =>
  () =>
    1 + random.below(random.below(8) === 0 ? 4096 : 12);

function* cut(input: Buffer, bytes: Cut): Generator<Buffer> {
  for (let offset = 0; offset < input.length;) {
    const end = offset + bytes();
    yield Buffer.from(input.subarray(offset, end));
    offset = end;
  }
}

/** Whole packets of a stream, as far as it can be read. */
function packetsOf(from: 'client' | 'target', bytes: Buffer): readonly Buffer[] {
  const reader = new PacketReader({ from, packetBytesMax });
  const packets: Buffer[] = [];
  reader.push(bytes);
  for (let piece = reader.next(); piece !== undefined; piece = reader.next()) {
    if (piece.bytesLeft === 0) packets.push(piece.bytes);
  }
  return packets;
}

/** Gives a packet the length that it has, so that what lies behind it is reached. */
function repairPacket(input: Buffer): Buffer {
  if (input.length < 5) return input;
  const copy = Buffer.from(input);
  copy.writeUInt32BE(copy.length - 4, 0);
  return copy;
}

/** Every length that runs past the end ends there. */
function repairStream(input: Buffer): Buffer {
  const copy = Buffer.from(input);
  for (let offset = 0; copy.length - offset >= 5;) {
    const left = copy.length - offset - 4;
    const length = copy.readUInt32BE(offset);
    if (length === 0 || length > left) copy.writeUInt32BE(left, offset);
    offset += 4 + copy.readUInt32BE(offset);
  }
  return copy;
}

const init = encodeSftpVersion('init', { version: 3, extensions: [] });
const version = encodeSftpVersion('version', {
  version: 3,
  extensions: Object.entries(extensionVersions),
});

interface Session {
  readonly target: SftpTarget;
  readonly toClient: Buffer;
  readonly others: readonly string[];
  readonly isCut: boolean;
}

/** The input as a client sends it, in the given chunks, with a target that keeps to the protocol. */
function runClient(chunks: Iterable<Buffer>): Session {
  const inspector = new SftpInspector({ packetBytesMax, handlesMax: 8, requestsMax: 4 });
  const target = new SftpTarget();
  const toTarget = new PacketReader({ from: 'client', packetBytesMax: 2 * packetBytesMax });
  const toClient: Buffer[] = [];
  const others: string[] = [];
  const pieces: Buffer[] = [];
  const due: SftpEffect[] = [];
  const answer = (bytes: Buffer): void => {
    toTarget.push(bytes);
    for (let piece = toTarget.next(); piece !== undefined; piece = toTarget.next()) {
      pieces.push(piece.bytes);
      if (piece.bytesLeft > 0) continue;
      const packet = Buffer.concat(pieces.splice(0));
      const isInit = packet[4] === packetTypes.init;
      due.push(...inspector.fromTarget(isInit ? version : target.answer(packet)));
    }
  };
  /** In order: what an answer brings about comes behind what was due before it. */
  const carryOut = (effects: readonly SftpEffect[]): void => {
    due.push(...effects);
    for (let effect = due.shift(); effect !== undefined; effect = due.shift()) {
      if (effect.kind === 'to-client') toClient.push(effect.bytes);
      else if (effect.kind === 'to-target') answer(effect.bytes);
      else others.push(JSON.stringify(effect));
      if (effect.kind !== 'judge') continue;
      const isYes = isAllowed(effect.facts);
      due.push(...inspector.decide(isYes ? { kind: 'allow' } : { kind: 'deny', message: 'no' }));
    }
  };
  carryOut(inspector.fromClient(init));
  for (const chunk of chunks) carryOut(inspector.fromClient(chunk));
  const isCut = others.some((other) => other.startsWith('{"kind":"cut"'));
  if (!isCut) assert(inspector.wantsClient);
  return { target, toClient: Buffer.concat(toClient), others, isCut };
}

/** The input in packets, each cut in its turn: the answers to a packet come before the next. */
function* packetwise(input: Buffer, bytes: Cut): Generator<Buffer> {
  for (let offset = 0; offset < input.length;) {
    const length = input.length - offset < 4 ? input.length : input.readUInt32BE(offset);
    yield* cut(input.subarray(offset, offset + 4 + length), bytes);
    offset += 4 + length;
  }
}

function checkClient(input: Buffer, random: Random): void {
  const expected = runClient(packetwise(input, whole));
  for (const bytes of [byteByByte, randomly(random)]) {
    const { target, toClient, others } = runClient(packetwise(input, bytes));
    assert.deepEqual(target.received, expected.target.received);
    assert.deepEqual([toClient, others], [expected.toClient, expected.others]);
  }
  checkAnswers(input, expected);
  // All at once: handles are used before the target has given them out, and are refused.
  checkAnswers(input, runClient([Buffer.from(input)]));
}

function endsInWrite(input: Buffer): boolean {
  const ends = packetsOf('client', input).reduce((bytes, packet) => bytes + packet.length, 0);
  return input[ends + 4] === packetTypes.write;
}

/** One answer to each request, which a client can read. */
function checkAnswers(input: Buffer, { toClient, isCut }: Session): void {
  const answers = packetsOf('target', toClient).slice(1);
  for (const packet of answers) {
    if (packet[4] === packetTypes.data) responses.decodeDataHead(packet.subarray(0, 13));
    else responses.decodeSftpResponse(packet);
  }
  if (isCut) return;
  // A WRITE that is refused is answered at its head, though its content may never come.
  const extra = answers.length - packetsOf('client', input).length;
  assert(extra === 0 || (extra === 1 && endsInWrite(input)));
}

/** Requests that lie open while the input comes from the target. */
const openRequests: readonly requests.SftpRequest[] = [
  { kind: 'read', id: 2, handle: 'h', offset: 0, bytes: 100 },
  { kind: 'read', id: 3, handle: 'h', offset: 100, bytes: 100 },
  { kind: 'fstat', id: 4, handle: 'h' },
  { kind: 'limits', id: 5 },
  { kind: 'fsync', id: 6, handle: 'h' },
  { kind: 'stat', id: 7, path: '/a' },
];

function runTarget(input: Buffer, bytes: Cut): readonly unknown[] {
  const inspector = new SftpInspector({ packetBytesMax });
  const attributes = {};
  inspector.fromClient(init);
  inspector.fromTarget(version);
  const open = { kind: 'open', id: 1, path: '/x', attributes } as const;
  const flags = openFlags.read | openFlags.write;
  const asked = inspector.fromClient(requests.encodeSftpRequest({ ...open, flags }));
  const [question] = asked.flatMap((effect) => (effect.kind === 'to-target' ? [effect.bytes] : []));
  const names = [{ name: Buffer.from('/x'), attributes }];
  const own = question?.readUInt32BE(5) ?? 0;
  inspector.fromTarget(responses.encodeSftpResponse({ kind: 'name', id: own, names }));
  inspector.decide({ kind: 'allow' });
  inspector.decide({ kind: 'allow' });
  inspector.fromTarget(responses.encodeSftpResponse({ kind: 'handle', id: 1, handle: 'h' }));
  inspector.fromClient(Buffer.concat(openRequests.map(requests.encodeSftpRequest)));
  const toClient: Buffer[] = [];
  const others: string[] = [];
  for (const chunk of cut(input, bytes)) {
    for (const effect of inspector.fromTarget(chunk)) {
      if (effect.kind === 'to-client') toClient.push(effect.bytes);
      else if (effect.kind !== 'to-target') others.push(JSON.stringify(effect));
    }
  }
  return [Buffer.concat(toClient), others];
}

function checkTarget(input: Buffer, random: Random): void {
  const expected = runTarget(input, whole);
  const answered = new Set<number>();
  for (const packet of packetsOf('target', expected[0] as Buffer)) {
    const id = packet.readUInt32BE(5);
    const request = openRequests.find((open) => open.id === id);
    assert(request !== undefined && !answered.has(id));
    if (packet[4] === packetTypes.data) {
      assert(request.kind === 'read' && packet.readUInt32BE(9) <= request.bytes);
    }
    answered.add(id);
  }
  for (const bytes of [byteByByte, randomly(random)]) {
    const [toClient, others] = runTarget(input, bytes);
    // A packet with content shows itself before it is all there, and a cut may come in between.
    assert.deepEqual(others, expected[1]);
    assert.deepEqual(toClient, expected[0]);
  }
}

/** A receiver that refuses names with an `n`, and takes lines and content as scp.c does. */
function runSender(input: Buffer, bytes: Cut): readonly unknown[] {
  const inspector = new ScpInspector({ direction: 'upload', path: '/in', recursive: true });
  const received: Buffer[] = [];
  const others: string[] = [];
  let text = '';
  let contentBytes = -1;
  const read = (chunk: Buffer): string[] => {
    const answers: string[] = [];
    received.push(chunk);
    text += chunk.toString('latin1');
    for (;;) {
      if (contentBytes >= 0) {
        if (text.length <= contentBytes) return answers;
        text = text.slice(contentBytes);
        if (text.startsWith('\0')) text = text.slice(1);
        else if (!text.includes('\n')) return answers;
        else text = text.slice(text.indexOf('\n') + 1);
        contentBytes = -1;
        answers.push('\0');
        continue;
      }
      const end = text.indexOf('\n');
      if (end === -1) return answers;
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line.startsWith('\x01') || line.startsWith('\x02')) continue;
      const control = decodeControlLine(Buffer.from(line, 'latin1'));
      if ('name' in control) assert(!/[/\n]/.test(control.name) && control.name !== '..');
      const isRefused = 'name' in control && control.name.includes('n');
      answers.push(isRefused ? '\x01no\n' : '\0');
      if (control.kind === 'file' && !isRefused) contentBytes = control.bytes;
    }
  };
  const carryOut = (effects: readonly ScpEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'to-target') {
        for (const answer of read(effect.bytes))
          carryOut(inspector.fromTarget(Buffer.from(answer)));
      } else if (effect.kind !== 'to-client') others.push(JSON.stringify(effect));
    }
  };
  carryOut(inspector.fromTarget(Buffer.from('\0')));
  for (const chunk of cut(input, bytes)) carryOut(inspector.fromClient(chunk));
  return [Buffer.concat(received), others];
}

function checkSender(input: Buffer, random: Random): void {
  const expected = runSender(input, whole);
  for (const bytes of [byteByByte, randomly(random)])
    assert.deepEqual(runSender(input, bytes), expected);
}

/** The words of a command line, each on its own line. */
function checkCommand(input: Buffer): void {
  const words = input.toString('utf8').split('\n');
  const command = recogniseFileCommand(words);
  if (command === undefined) throw new RefusedRequest('packet-unknown');
  if (command.kind === 'sftp') return assert.equal(words.length, 1);
  assert(command.facts.length > 0);
  for (const { path, protocol } of command.facts) {
    assert(words.includes(path, 1) && path !== '');
    assert(!path.startsWith('-') || words.includes('--'));
    assert.equal(protocol, command.kind);
  }
}

const checkRequest = (input: Buffer): void => {
  const encoded = requests.encodeSftpRequest(requests.decodeSftpRequest(input));
  assert.deepEqual(encoded.subarray(4), input.subarray(4));
};

const checkResponse = (input: Buffer): void => {
  const response = responses.decodeSftpResponse(input);
  const again = responses.decodeSftpResponse(responses.encodeSftpResponse(response));
  assert.deepEqual(again, response);
};

/** The head alone counts: content may still be on its way. */
const checkWrite = (input: Buffer): void => {
  const head = requests.decodeWriteHead(input);
  const packet = requests.encodeWrite(head, Buffer.alloc(0));
  const headBytes = packet.length - 4;
  assert.deepEqual(packet.subarray(5, headBytes), input.subarray(5, headBytes));
};

const checkData = (input: Buffer): void => {
  const { id, bytes } = responses.decodeDataHead(input);
  assert.deepEqual([input.readUInt32BE(5), input.readUInt32BE(9)], [id, bytes]);
};

const checkVersion = (input: Buffer): void => {
  const type = input[4] === packetTypes.init ? 'init' : 'version';
  const encoded = encodeSftpVersion(type, decodeSftpVersion(input));
  assert.deepEqual(encoded.subarray(5), input.subarray(5));
};

const checkLine = (input: Buffer): void => {
  const line = decodeControlLine(input);
  const again = decodeControlLine(encodeControlLine(line).subarray(0, -1));
  assert.deepEqual('mode' in line ? { ...line, mode: line.mode & 0o1777 } : line, again);
};

export const fileTargets: readonly Target[] = [
  { name: 'decodeSftpRequest', check: checkRequest, isRefusal, repair: repairPacket },
  { name: 'decodeSftpResponse', check: checkResponse, isRefusal, repair: repairPacket },
  { name: 'decodeWriteHead', check: checkWrite, isRefusal, repair: repairPacket },
  { name: 'decodeDataHead', check: checkData, isRefusal, repair: repairPacket },
  { name: 'decodeSftpVersion', check: checkVersion, isRefusal, repair: repairPacket },
  { name: 'decodeControlLine', check: checkLine, isRefusal },
  { name: 'SftpClientStream', check: checkClient, isRefusal, repair: repairStream },
  { name: 'SftpTargetStream', check: checkTarget, isRefusal, repair: repairStream },
  { name: 'ScpSenderStream', check: checkSender, isRefusal },
  { name: 'recogniseFileCommand', check: checkCommand, isRefusal },
];
