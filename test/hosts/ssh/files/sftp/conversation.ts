// An inspector between a scripted client and a scripted target: packets in, packets and other effects out.

import { strict as assert } from 'node:assert';

import {
  SftpInspector,
  type FileFacts,
  type SftpEffect,
  type SftpOptions,
} from '../../../../../hosts/ssh/files/index.ts';
import { extensionVersions } from '../../../../../hosts/ssh/files/sftp/extensions.ts';
import { PacketReader } from '../../../../../hosts/ssh/files/sftp/packet-reader.ts';
import {
  decodeSftpRequest,
  encodeSftpRequest,
  type SftpRequest,
} from '../../../../../hosts/ssh/files/sftp/request.ts';
import {
  decodeSftpResponse,
  encodeSftpResponse,
  encodeStatus,
  type SftpResponse,
} from '../../../../../hosts/ssh/files/sftp/response.ts';
import { encodeSftpVersion } from '../../../../../hosts/ssh/files/sftp/version.ts';

type Outgoing = 'to-target' | 'to-client';

const everyExtension = Object.entries(extensionVersions);

export const init = encodeSftpVersion('init', { version: 3, extensions: [] });
export const version = encodeSftpVersion('version', { version: 3, extensions: everyExtension });

export const nameOf = (id: number, path: string): Buffer =>
  encodeSftpResponse({ kind: 'name', id, names: [{ name: Buffer.from(path), attributes: {} }] });

export class Conversation {
  readonly inspector: SftpInspector;
  /** Effects that no one has looked at. */
  #effects: SftpEffect[] = [];

  constructor(options: SftpOptions = {}, targetVersion: Buffer = version) {
    this.inspector = new SftpInspector(options);
    this.client(init);
    this.bytes('to-target');
    this.target(targetVersion);
    this.bytes('to-client');
  }

  client(bytes: Buffer): void {
    this.#effects.push(...this.inspector.fromClient(bytes));
  }

  target(bytes: Buffer): void {
    this.#effects.push(...this.inspector.fromTarget(bytes));
  }

  request(request: SftpRequest): void {
    this.client(encodeSftpRequest(request));
  }

  answer(response: SftpResponse): void {
    this.target(encodeSftpResponse(response));
  }

  allow(): FileFacts {
    const { facts } = this.judged();
    this.#effects.push(...this.inspector.decide({ kind: 'allow' }));
    return facts;
  }

  deny(message = 'no'): FileFacts {
    const { facts } = this.judged();
    this.#effects.push(...this.inspector.decide({ kind: 'deny', message }));
    return facts;
  }

  judged(): Extract<SftpEffect, { kind: 'judge' }> {
    const [effect, ...others] = this.rest('judge');
    assert(effect?.kind === 'judge' && others.length === 0);
    return effect;
  }

  /** All bytes to one side so far. */
  bytes(kind: Outgoing): Buffer {
    return Buffer.concat(
      this.rest(kind).flatMap((effect) =>
        'sha256' in effect || !('bytes' in effect) ? [] : [effect.bytes],
      ),
    );
  }

  /** Takes out the effects of a kind. */
  rest(kind?: SftpEffect['kind']): readonly SftpEffect[] {
    const taken = this.#effects.filter((effect) => kind === undefined || effect.kind === kind);
    this.#effects = this.#effects.filter((effect) => !taken.includes(effect));
    return taken;
  }

  packets(kind: Outgoing): readonly Buffer[] {
    const from = kind === 'to-target' ? 'client' : 'target';
    const reader = new PacketReader({ from, packetBytesMax: 1 << 20 });
    reader.push(this.bytes(kind));
    const packets: Buffer[] = [];
    for (let piece = reader.next(); piece !== undefined; piece = reader.next())
      packets.push(piece.bytes);
    assert(reader.idle);
    return packets;
  }

  /** The only request that went to the target. */
  forwarded(): SftpRequest {
    const [packet, ...others] = this.packets('to-target');
    assert(packet !== undefined && others.length === 0);
    return decodeSftpRequest(packet);
  }

  answers(): readonly SftpResponse[] {
    return this.packets('to-client').map(decodeSftpResponse);
  }

  /** Answers the inspector's own question: a path, or a code of a status. */
  resolve(...answers: readonly (string | number)[]): readonly string[] {
    return answers.map((answer) => {
      const question = this.forwarded();
      assert('path' in question);
      const { id, path } = question;
      this.target(
        typeof answer === 'string'
          ? nameOf(id, answer)
          : encodeStatus(id, answer, 'said the target'),
      );
      return path;
    });
  }

  /** Opens a file that stands where it says, and answers its judgements. */
  open(id: number, flags: number, handle = 'H'): void {
    this.request({ kind: 'open', id, path: '/file', flags, attributes: {} });
    this.resolve('/file');
    while (!this.inspector.wantsClient) {
      if (this.#effects.some(({ kind }) => kind === 'judge')) this.allow();
      else break;
    }
    this.forwarded();
    this.answer({ kind: 'handle', id, handle });
    this.bytes('to-client');
  }
}
