// What both directions of one SFTP channel know: open handles, unanswered requests, and the effects of the bytes so far.

import type { FileFacts } from '../facts.ts';
import { BrokenChannel, type ChannelRule, type RequestRule } from '../rules.ts';
import type { ExtensionName } from './extensions.ts';
import { OpenFiles, type Access, type OpenFile } from './open-files.ts';
import type { Ask } from './procedure.ts';
import type { RequestKind } from './request.ts';
import type { ResponseKind } from './response.ts';
import type { Transfer, Transferred } from '../transfer.ts';

export interface SftpOptions {
  /** Value of a packet's length field, either side; OpenSSH cuts at 256 KiB. */
  readonly packetBytesMax?: number;
  readonly handlesMax?: number;
  /** Unanswered requests; at the limit the client waits. */
  readonly requestsMax?: number;
  /** Bytes of a client that sends although `wantsClient` is false. */
  readonly backlogBytesMax?: number;
  /** Whether content is hashed as it passes. */
  readonly hashes?: boolean;
}

export type SftpEffect =
  | { readonly kind: 'to-target' | 'to-client'; readonly bytes: Buffer }
  /** Answered by `decide()`; until then the client waits. `id` is the client's number of the request. */
  | { readonly kind: 'judge'; readonly id: number; readonly facts: FileFacts }
  /** The client has been told; the target has seen nothing. */
  | {
      readonly kind: 'refused';
      readonly rule: RequestRule;
      readonly request: RequestKind | 'write' | 'unknown';
    }
  | Transferred
  /** The last effect: both channels are to be closed. */
  | { readonly kind: 'cut'; readonly rule: ChannelRule };

export type Outstanding =
  | { readonly kind: 'own'; readonly ask: Ask['kind'] }
  | {
      readonly kind: 'read';
      readonly transfer: Transfer;
      readonly offset: number;
      readonly bytes: number;
    }
  | { readonly kind: 'write'; readonly transfer: Transfer; readonly bytes: number }
  | { readonly kind: 'open'; readonly path: string; readonly access: Access }
  | { readonly kind: 'opendir'; readonly path: string }
  | { readonly kind: 'close'; readonly file: OpenFile }
  | { readonly kind: 'other'; readonly request: RequestKind; readonly answer: ResponseKind };

const changingKinds: ReadonlySet<string> = new Set<RequestKind>([
  'rename',
  'posix-rename',
  'symlink',
  'hardlink',
]);

/** After these a path that was resolved before may lead elsewhere. */
export const changesPaths = (kind: string): boolean => changingKinds.has(kind);

const handleKinds: ReadonlySet<string> = new Set<RequestKind>([
  'fstat',
  'readdir',
  'fsync',
  'fstatvfs',
  'fsetstat',
  'limits',
  'copy-data',
  'users-groups-by-id',
]);

const requestOf = (outstanding: Outstanding): string =>
  outstanding.kind === 'other' ? outstanding.request : outstanding.kind;

const namesPath = (outstanding: Outstanding): boolean =>
  outstanding.kind === 'open' ||
  outstanding.kind === 'opendir' ||
  (outstanding.kind === 'other' && !handleKinds.has(outstanding.request));

const ownIdFirst = 0xffff_ffff;

export class Traffic {
  readonly options: Required<SftpOptions>;
  readonly files: OpenFiles;
  extensions: ReadonlySet<ExtensionName> = new Set();
  phase: 'init' | 'version' | 'open' | 'cut' = 'init';

  readonly #requests = new Map<number, Outstanding>();
  #effects: SftpEffect[] = [];
  #pathsUnanswered = 0;
  #changesUnanswered = 0;

  constructor(options: SftpOptions) {
    this.options = {
      packetBytesMax: 256 * 1024,
      handlesMax: 1024,
      requestsMax: 4096,
      backlogBytesMax: 4 * 1024 * 1024,
      hashes: true,
      ...options,
    };
    this.files = new OpenFiles(this.options.handlesMax);
  }

  get isFull(): boolean {
    return this.#requests.size >= this.options.requestsMax;
  }

  /**
   * A target may serve requests side by side. So that no path is resolved before a link is made and opened after it,
   * what changes paths is alone among requests with paths.
   */
  mayResolve(kind: RequestKind): boolean {
    if (this.#changesUnanswered > 0) return false;
    return !changesPaths(kind) || this.#pathsUnanswered === 0;
  }

  /** Effects of the bytes since the last call. */
  takeEffects(): readonly SftpEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  emit(effect: SftpEffect): void {
    this.#effects.push(effect);
  }

  /** Packets that lie behind each other in one chunk go out as one slice. */
  send(kind: 'to-target' | 'to-client', bytes: Buffer): void {
    const last = this.#effects.at(-1);
    if (last?.kind === kind && last.bytes.buffer === bytes.buffer) {
      const { buffer, byteOffset, length } = last.bytes;
      if (byteOffset + length === bytes.byteOffset) {
        const merged = Buffer.from(buffer, byteOffset, length + bytes.length);
        this.#effects[this.#effects.length - 1] = { kind, bytes: merged };
        return;
      }
    }
    this.emit({ kind, bytes });
  }

  /** @throws BrokenChannel `request-id-reused`: the client could not tell the answers apart */
  checkId(id: number): void {
    if (this.#requests.has(id)) throw new BrokenChannel('request-id-reused');
  }

  /** A number for a question of our own. None of the client's requests is sent before it is answered. */
  freeId(): number {
    let id = ownIdFirst;
    while (this.#requests.has(id)) id -= 1;
    return id;
  }

  asked(id: number, outstanding: Outstanding): void {
    this.#requests.set(id, outstanding);
    if (namesPath(outstanding)) this.#pathsUnanswered += 1;
    if (changesPaths(requestOf(outstanding))) this.#changesUnanswered += 1;
  }

  /** @throws BrokenChannel `target-request-id` */
  answered(id: number): Outstanding {
    const outstanding = this.#requests.get(id);
    if (outstanding === undefined) throw new BrokenChannel('target-request-id');
    this.#requests.delete(id);
    if (namesPath(outstanding)) this.#pathsUnanswered -= 1;
    if (changesPaths(requestOf(outstanding))) this.#changesUnanswered -= 1;
    return outstanding;
  }
}
