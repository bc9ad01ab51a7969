// The client's bytes, one request at a time: a request that must be resolved or judged stops the reading of what is
// behind it. So order is kept, and nothing queues but what the channel's window lets in.

import { strict as assert } from 'node:assert';
import { BrokenChannel, RefusedRequest, type RequestRule } from '../rules.ts';
import { accessOf, type Places } from './judgement.ts';
import { downloadOf, uploadOf, type OpenFile } from './open-files.ts';
import { PacketReader, type PacketPiece } from './packet-reader.ts';
import { packetTypes } from './packet-types.ts';
import {
  servePaths,
  serveHandles,
  type Outcome,
  type Procedure,
  type Reply,
  type Verdict,
} from './procedure.ts';
import {
  decodeSftpRequest,
  decodeWriteHead,
  encodeSftpRequest,
  extensionOf,
  type SftpRequest,
} from './request.ts';
import {
  denialOf,
  encodeSftpResponse,
  encodeStatus,
  refusalOf,
  type ResponseKind,
  type SftpResponse,
} from './response.ts';
import type { Traffic } from './traffic.ts';
import type { Transfer } from '../transfer.ts';
import { initFor } from './version.ts';

const idEnd = 9;

const answers: Readonly<Partial<Record<SftpRequest['kind'], ResponseKind>>> = {
  stat: 'attrs',
  lstat: 'attrs',
  fstat: 'attrs',
  readlink: 'name',
  readdir: 'name',
  statvfs: 'extended-reply',
  fstatvfs: 'extended-reply',
  limits: 'extended-reply',
  'users-groups-by-id': 'extended-reply',
};

const emptyAttributes = {};

export class ClientSide {
  readonly #traffic: Traffic;
  readonly #reader: PacketReader;
  readonly #backlog: Buffer[] = [];
  #backlogBytes = 0;
  /** A request with paths that waits for an answer to what changes paths. */
  #waiting: Extract<SftpRequest, { path: string }> | undefined;
  #running:
    | {
        readonly request: SftpRequest;
        readonly procedure: Procedure<Outcome>;
        awaits: 'answer' | 'verdict';
      }
    | undefined;
  /** Content of a WRITE that is passing; without a transfer it is dropped. */
  #writing: { readonly transfer: Transfer | undefined; offset: number } | undefined;

  constructor(traffic: Traffic) {
    const { packetBytesMax } = traffic.options;
    this.#traffic = traffic;
    this.#reader = new PacketReader({ from: 'client', packetBytesMax });
  }

  /** False while bytes of the client wait here: more are not asked for. */
  get wantsMore(): boolean {
    return this.#mayRead && this.#backlog.length === 0;
  }

  /** True where the client may end its stream: every request was passed on or answered. */
  get isIdle(): boolean {
    return this.wantsMore && this.#reader.idle;
  }

  get #mayRead(): boolean {
    const { phase, isFull } = this.#traffic;
    if (phase !== 'init' && phase !== 'open') return false;
    return this.#running === undefined && this.#waiting === undefined && !isFull;
  }

  /** @throws BrokenChannel */
  push(chunk: Buffer): void {
    this.#backlog.push(chunk);
    this.#backlogBytes += chunk.length;
    this.advance();
    if (this.#backlogBytes > this.#traffic.options.backlogBytesMax) {
      throw new BrokenChannel('backlog-max');
    }
  }

  /** Reads on as far as it may. @throws BrokenChannel */
  advance(): void {
    this.#startWaiting();
    while (this.#mayRead) {
      const piece = this.#reader.next();
      if (piece !== undefined) this.#take(piece);
      else {
        const chunk = this.#backlog.shift();
        if (chunk === undefined) return;
        this.#backlogBytes -= chunk.length;
        this.#reader.push(chunk);
      }
    }
  }

  /** The answer to a question of our own. */
  ownAnswer(response: SftpResponse): void {
    assert(this.#running?.awaits === 'answer');
    this.#resume(response);
  }

  decide(verdict: Verdict): void {
    assert(this.#running?.awaits === 'verdict', 'no request waits for a verdict');
    this.#resume(verdict);
  }

  #take(piece: PacketPiece): void {
    if (!piece.opens) return this.#passContent(piece.bytes);
    if (this.#traffic.phase === 'init') {
      this.#traffic.send('to-target', initFor(piece.bytes));
      this.#traffic.phase = 'version';
      return;
    }
    if (piece.type === packetTypes.init) throw new BrokenChannel('init-twice');
    if (piece.headBytes < idEnd) throw new BrokenChannel('packet-id');
    const id = piece.bytes.readUInt32BE(idEnd - 4);
    this.#traffic.checkId(id);
    const isWrite = piece.type === packetTypes.write;
    let request: SftpRequest | undefined;
    try {
      if (isWrite) return this.#write(piece);
      request = decodeSftpRequest(piece.bytes);
      this.#serve(request, piece.bytes);
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      if (isWrite) this.#writing = { transfer: undefined, offset: 0 };
      this.#refuse(id, error.rule, isWrite ? 'write' : request?.kind);
    }
  }

  #write({ bytes, headBytes }: PacketPiece): void {
    const { files } = this.#traffic;
    const head = decodeWriteHead(bytes.subarray(0, headBytes));
    const transfer = uploadOf(files.get(head.handle));
    this.#traffic.asked(head.id, { kind: 'write', transfer, bytes: head.bytes });
    this.#writing = { transfer, offset: head.offset };
    this.#traffic.send('to-target', bytes.subarray(0, headBytes));
    this.#passContent(bytes.subarray(headBytes));
  }

  #passContent(content: Buffer): void {
    const writing = this.#writing;
    if (writing?.transfer === undefined) return;
    writing.transfer.add(writing.offset, content);
    writing.offset += content.length;
    this.#traffic.send('to-target', content);
  }

  /** @throws RefusedRequest */
  #serve(request: SftpRequest, packet: Buffer): void {
    const extension = extensionOf(request.kind);
    if (extension !== undefined && !this.#traffic.extensions.has(extension)) {
      throw new RefusedRequest('extension-unknown');
    }
    if ('path' in request) {
      this.#admit(request);
      this.#waiting = request;
      return this.#startWaiting();
    }
    const { files } = this.#traffic;
    switch (request.kind) {
      case 'fsetstat': {
        const file = files.get(request.handle);
        const { size } = request.attributes;
        if (size !== undefined) uploadOf(file).resize(size);
        return this.#run(request, serveHandles(request, placesOf(file)));
      }
      case 'copy-data': {
        const from = files.get(request.handle);
        const to = files.get(request.toHandle);
        downloadOf(from);
        uploadOf(to).spoil();
        return this.#run(request, serveHandles(request, placesOf(from, to)));
      }
      case 'users-groups-by-id':
        return this.#run(request, serveHandles(request, { path: '', to: '', recursive: false }));
      default:
        return this.#pass(request, packet);
    }
  }

  /** What was judged when it was opened passes as it came. */
  #pass(
    request: Extract<
      SftpRequest,
      { kind: 'close' | 'read' | 'fstat' | 'readdir' | 'fsync' | 'fstatvfs' | 'limits' }
    >,
    packet: Buffer,
  ): void {
    const { files } = this.#traffic;
    const { id, kind } = request;
    if (kind === 'read') {
      const { handle, offset, bytes } = request;
      const transfer = downloadOf(files.get(handle));
      this.#traffic.asked(id, { kind: 'read', transfer, offset, bytes });
    } else if (kind === 'close') {
      this.#traffic.asked(id, { kind: 'close', file: files.close(request.handle) });
    } else {
      if (kind !== 'limits') {
        const file = files.get(request.handle);
        if (kind === 'readdir' && file.kind !== 'directory')
          throw new RefusedRequest('handle-access');
        if (kind === 'fsync') uploadOf(file);
      }
      this.#traffic.asked(id, { kind: 'other', request: kind, answer: answers[kind] ?? 'status' });
    }
    this.#traffic.send('to-target', packet);
  }

  /** @throws RefusedRequest */
  #admit(request: Extract<SftpRequest, { path: string }>): void {
    const { files, extensions } = this.#traffic;
    if (request.kind === 'open') accessOf(request.flags);
    if ((request.kind === 'open' || request.kind === 'opendir') && files.isFull) {
      throw new RefusedRequest('handles-max');
    }
    // Others announce some extensions of OpenSSH, too, and may take the order from the name of the client.
    const isOpenSsh = extensions.has('expand-path@openssh.com');
    if (request.kind === 'symlink' && !isOpenSsh) throw new RefusedRequest('symlink-order');
  }

  #startWaiting(): void {
    const request = this.#waiting;
    if (request === undefined || !this.#traffic.mayResolve(request.kind)) return;
    this.#waiting = undefined;
    this.#run(request, servePaths(request));
  }

  #run(request: SftpRequest, procedure: Procedure<Outcome>): void {
    this.#running = { request, procedure, awaits: 'answer' };
    this.#step(procedure.next());
  }

  #resume(reply: Reply): void {
    assert(this.#running !== undefined);
    this.#step(this.#running.procedure.next(reply));
  }

  #step(result: ReturnType<Procedure<Outcome>['next']>): void {
    const running = this.#running;
    assert(running !== undefined);
    if (result.done === true) {
      this.#running = undefined;
      return this.#finish(running.request, result.value);
    }
    const step = result.value;
    if (step.kind === 'judge') {
      running.awaits = 'verdict';
      return this.#traffic.emit({ kind: 'judge', id: running.request.id, facts: step.facts });
    }
    running.awaits = 'answer';
    const id = this.#traffic.freeId();
    this.#traffic.asked(id, { kind: 'own', ask: step.ask.kind });
    this.#traffic.send('to-target', encodeSftpRequest({ ...step.ask, id }));
  }

  #finish({ id, kind }: SftpRequest, outcome: Outcome): void {
    switch (outcome.kind) {
      case 'forward':
        return this.#forward(outcome.request, outcome.places);
      case 'denied':
        return this.#traffic.send('to-client', denialOf(id, outcome.message));
      case 'failed': {
        const { code, message } = outcome.status;
        return this.#traffic.send('to-client', encodeStatus(id, code, message));
      }
      case 'refused':
        return this.#refuse(id, outcome.rule, kind);
      case 'answer': {
        const names = [{ name: Buffer.from(outcome.path), attributes: emptyAttributes }];
        return this.#traffic.send('to-client', encodeSftpResponse({ kind: 'name', id, names }));
      }
    }
  }

  #forward(request: SftpRequest, { path }: Places): void {
    const { id, kind } = request;
    const traffic = this.#traffic;
    if (kind === 'open' || kind === 'opendir') traffic.files.opening();
    if (kind === 'open') traffic.asked(id, { kind, path, access: accessOf(request.flags) });
    else if (kind === 'opendir') traffic.asked(id, { kind, path });
    else traffic.asked(id, { kind: 'other', request: kind, answer: answers[kind] ?? 'status' });
    traffic.send('to-target', encodeSftpRequest(request));
  }

  #refuse(id: number, rule: RequestRule, request: SftpRequest['kind'] | 'write' | undefined): void {
    this.#traffic.send('to-client', refusalOf(id, rule));
    this.#traffic.emit({ kind: 'refused', rule, request: request ?? 'unknown' });
  }
}

const placesOf = (from: OpenFile, to?: OpenFile): Places => ({
  path: from.path,
  to: to?.path ?? '',
  recursive: false,
});
