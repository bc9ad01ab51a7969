// A client that writes its own SFTP packets, and the real sftp-server: behind the inspector, or straight.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';

import { SftpInspector, type FileFacts, type SftpEffect } from '../../hosts/ssh/files/index.ts';
import { PacketReader } from '../../hosts/ssh/files/sftp/packet-reader.ts';
import { encodeSftpRequest, type SftpRequest } from '../../hosts/ssh/files/sftp/request.ts';
import { encodeSftpVersion } from '../../hosts/ssh/files/sftp/version.ts';

const server = '/usr/lib/openssh/sftp-server';

export type Judge = (facts: FileFacts) => boolean;

export class RawSftp {
  /** Everything that policies were asked. */
  readonly judged: FileFacts[] = [];
  readonly others: SftpEffect[] = [];
  /** Packets that went to the client, whole. */
  readonly answers: Buffer[] = [];

  readonly #inspector: SftpInspector | undefined;
  readonly #reader = new PacketReader({ from: 'target', packetBytesMax: 1 << 20 });
  readonly #server: ChildProcessWithoutNullStreams;
  readonly #judge: Judge | undefined;
  #pieces: Buffer[] = [];
  #waiting: (() => void) | undefined;
  #backlog: Buffer[] = [];

  private constructor(directory: string, judge: Judge | undefined) {
    this.#judge = judge;
    this.#inspector = judge && new SftpInspector();
    this.#server = spawn(server, { cwd: directory });
    this.#server.stdout.on('data', (chunk: Buffer) => {
      const straight = { kind: 'to-client', bytes: chunk } as const;
      this.#carryOut(this.#inspector?.fromTarget(chunk) ?? [straight]);
    });
  }

  /** @param judge without it the server is spoken to straight */
  static async start(directory: string, judge?: Judge): Promise<RawSftp> {
    const raw = new RawSftp(directory, judge);
    raw.send(encodeSftpVersion('init', { version: 3, extensions: [] }));
    await raw.until(() => raw.answers.length === 1);
    return raw;
  }

  get isCut(): boolean {
    return this.others.some(({ kind }) => kind === 'cut');
  }

  send(bytes: Buffer): void {
    this.#backlog.push(bytes);
    this.#feed();
  }

  /** As a channel's window would, it gives no more than is asked for. */
  #feed(): void {
    while (this.#inspector?.wantsClient !== false) {
      const chunk = this.#backlog.shift();
      if (chunk === undefined) return;
      const straight = { kind: 'to-target', bytes: chunk } as const;
      this.#carryOut(this.#inspector?.fromClient(chunk) ?? [straight]);
    }
  }

  /** Answer packets to these requests, which go out in one chunk, in the order of the requests. */
  async ask(...requests: readonly SftpRequest[]): Promise<readonly Buffer[]> {
    this.send(Buffer.concat(requests.map(encodeSftpRequest)));
    const find = (id: number): Buffer | undefined =>
      this.answers.find((packet) => packet.readUInt32BE(5) === id);
    await this.until(() => requests.every(({ id }) => find(id) !== undefined));
    return requests.map(({ id }) => find(id) ?? Buffer.alloc(0));
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.isCut) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    const gone = once(this.#server, 'close');
    this.#server.stdin.end();
    await gone;
  }

  #carryOut(effects: readonly SftpEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'to-target') {
        this.#server.stdin.write(effect.bytes);
      } else if (effect.kind === 'to-client') this.#receive(effect.bytes);
      else if (effect.kind === 'judge') {
        this.judged.push(effect.facts);
        const verdict = this.#judge?.(effect.facts)
          ? ({ kind: 'allow' } as const)
          : ({ kind: 'deny', message: 'denied' } as const);
        this.#carryOut(this.#inspector?.decide(verdict) ?? []);
      } else this.others.push(effect);
    }
    this.#feed();
    this.#waiting?.();
  }

  #receive(bytes: Buffer): void {
    this.#reader.push(bytes);
    for (let piece = this.#reader.next(); piece !== undefined; piece = this.#reader.next()) {
      this.#pieces.push(piece.bytes);
      if (piece.bytesLeft === 0) this.answers.push(Buffer.concat(this.#pieces.splice(0)));
    }
  }
}
