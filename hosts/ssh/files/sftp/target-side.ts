// The target's bytes: every answer must fit a request that is unanswered; content passes as it comes.

import { BrokenChannel } from '../rules.ts';
import { FieldReader } from './field-reader.ts';
import { openDirectory, openFile, transfersOf } from './open-files.ts';
import { PacketReader, type PacketPiece } from './packet-reader.ts';
import { packetTypes, statusCodes } from './packet-types.ts';
import {
  decodeDataHead,
  decodeSftpResponse,
  encodeSftpResponse,
  type NamedFile,
  type ResponseKind,
  type SftpResponse,
} from './response.ts';
import type { Outstanding, Traffic } from './traffic.ts';
import type { Transfer } from '../transfer.ts';
import { acceptVersion, versionOf } from './version.ts';

const limitsBytes = 32;
/** What of a packet is no content: OpenSSH leaves as much. */
const overheadBytes = 1024;

const answerOf = (outstanding: Outstanding): ResponseKind => {
  switch (outstanding.kind) {
    case 'own':
      return outstanding.ask === 'lstat' ? 'attrs' : 'name';
    case 'read':
      return 'data';
    case 'open':
    case 'opendir':
      return 'handle';
    case 'close':
    case 'write':
      return 'status';
    case 'other':
      return outstanding.answer;
  }
};

function checkNames(names: readonly NamedFile[]): void {
  for (const { name } of names) {
    if (name.length === 0 || name.includes('/') || name.includes(0)) {
      throw new BrokenChannel('target-name');
    }
  }
}

export class TargetSide {
  readonly #traffic: Traffic;
  readonly #reader: PacketReader;
  readonly #onOwnAnswer: (response: SftpResponse) => void;
  #reading: { readonly transfer: Transfer; offset: number } | undefined;

  constructor(traffic: Traffic, onOwnAnswer: (response: SftpResponse) => void) {
    const { packetBytesMax } = traffic.options;
    this.#traffic = traffic;
    this.#reader = new PacketReader({ from: 'target', packetBytesMax });
    this.#onOwnAnswer = onOwnAnswer;
  }

  /** @throws BrokenChannel */
  push(chunk: Buffer): void {
    this.#reader.push(chunk);
    for (let piece = this.#reader.next(); piece !== undefined; piece = this.#reader.next()) {
      this.#take(piece);
    }
  }

  #take(piece: PacketPiece): void {
    if (!piece.opens) return this.#passContent(piece.bytes);
    if (this.#traffic.phase !== 'open') return this.#takeVersion(piece.bytes);
    if (piece.type === packetTypes.data) return this.#takeData(piece);
    const response = decodeSftpResponse(piece.bytes);
    const outstanding = this.#traffic.answered(response.id);
    if (response.kind !== 'status' && response.kind !== answerOf(outstanding)) {
      throw new BrokenChannel('target-answer');
    }
    if (outstanding.kind === 'own') return this.#onOwnAnswer(response);
    this.#pass(outstanding, response, piece.bytes);
  }

  #takeVersion(packet: Buffer): void {
    const traffic = this.#traffic;
    if (traffic.phase !== 'version') throw new BrokenChannel('target-version');
    traffic.extensions = acceptVersion(packet);
    traffic.phase = 'open';
    traffic.send('to-client', versionOf(traffic.extensions));
  }

  #takeData({ bytes, headBytes }: PacketPiece): void {
    const head = decodeDataHead(bytes.subarray(0, headBytes));
    const outstanding = this.#traffic.answered(head.id);
    if (outstanding.kind !== 'read') throw new BrokenChannel('target-answer');
    const { transfer, offset } = outstanding;
    if (head.bytes > outstanding.bytes) throw new BrokenChannel('target-data');
    transfer.count(head.bytes);
    this.#reading = { transfer, offset };
    this.#traffic.send('to-client', bytes.subarray(0, headBytes));
    this.#passContent(bytes.subarray(headBytes));
  }

  #passContent(content: Buffer): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    reading.transfer.add(reading.offset, content);
    reading.offset += content.length;
    this.#traffic.send('to-client', content);
  }

  #pass(outstanding: Outstanding, response: SftpResponse, packet: Buffer): void {
    const { files } = this.#traffic;
    switch (outstanding.kind) {
      case 'open':
      case 'opendir':
        files.openingEnded();
        if (response.kind === 'handle') this.#open(outstanding, response.handle);
        break;
      case 'write':
        if (response.kind === 'status' && response.code === statusCodes.ok) {
          outstanding.transfer.count(outstanding.bytes);
        } else outstanding.transfer.spoil();
        break;
      case 'close':
        for (const transfer of transfersOf(outstanding.file, true)) this.#traffic.emit(transfer);
        break;
      case 'other':
        if (response.kind === 'name' && outstanding.request === 'readdir')
          checkNames(response.names);
        if (response.kind === 'extended-reply' && outstanding.request === 'limits') {
          return this.#traffic.send('to-client', this.#limited(response.id, response.body));
        }
        break;
      case 'own':
      case 'read':
    }
    this.#traffic.send('to-client', packet);
  }

  #open(outstanding: Extract<Outstanding, { kind: 'open' | 'opendir' }>, handle: string): void {
    const { files, options } = this.#traffic;
    const file =
      outstanding.kind === 'open'
        ? openFile(outstanding.path, outstanding.access, options.hashes)
        : openDirectory(outstanding.path);
    if (!files.opened(handle, file)) throw new BrokenChannel('target-handle');
  }

  /** limits@openssh.com: the client is told the smaller of the target's limits and ours; 0 means none. */
  #limited(id: number, body: Buffer): Buffer {
    if (body.length !== limitsBytes) throw new BrokenChannel('target-packet-malformed');
    const { packetBytesMax, handlesMax } = this.#traffic.options;
    const contentBytesMax = packetBytesMax - overheadBytes;
    const fields = new FieldReader(body, 0);
    const limited = Buffer.alloc(limitsBytes);
    [packetBytesMax, contentBytesMax, contentBytesMax, handlesMax].forEach((ours, index) => {
      const theirs = Number(fields.bytes(8).readBigUInt64BE(0));
      const limit = theirs === 0 ? ours : Math.min(theirs, ours);
      limited.writeBigUInt64BE(BigInt(limit), 8 * index);
    });
    return encodeSftpResponse({ kind: 'extended-reply', id, body: limited });
  }
}
