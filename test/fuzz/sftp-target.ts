// A target that keeps to SFTP 3, in memory: it answers each packet at once, and asserts that it should have got it.

import { strict as assert } from 'node:assert';

import type { FileFacts } from '../../hosts/ssh/files/index.ts';
import { openFlags, packetTypes, statusCodes } from '../../hosts/ssh/files/sftp/packet-types.ts';
import { joinPath, lexicalPath } from '../../hosts/ssh/files/sftp/paths.ts';
import {
  decodeSftpRequest,
  decodeWriteHead,
  encodeSftpRequest,
  type SftpRequest,
} from '../../hosts/ssh/files/sftp/request.ts';
import {
  encodeData,
  encodeSftpResponse,
  encodeStatus,
} from '../../hosts/ssh/files/sftp/response.ts';

/** Where `/home/out` leads, and what nobody may touch. */
const secret = '/secret';
const link = '/home/out';
const fileBytes = 16;
/** Questions of the inspector's own are numbered from above. */
const ownIdMin = 0xffff_ff00;

export const isSecret = (path: string): boolean => path === secret || path.startsWith(`${secret}/`);

export const isAllowed = ({ path, to }: FileFacts): boolean => !isSecret(path) && !isSecret(to);

const resolve = (path: string): string => {
  const lexical = lexicalPath(joinPath('/home', path));
  const isLinked = lexical === link || lexical.startsWith(`${link}/`);
  return isLinked ? secret + lexical.slice(link.length) : lexical;
};

const none = {};

export class SftpTarget {
  /** Hex of each packet. */
  readonly received: string[] = [];
  readonly #open = new Map<string, number | 'directory'>();
  #handles = 0;

  answer(packet: Buffer): Buffer {
    this.received.push(packet.toString('hex'));
    if (packet[4] === packetTypes.write) return this.#write(packet);
    const request = decodeSftpRequest(packet);
    assert.deepEqual(encodeSftpRequest(request), packet);
    this.#check(request);
    return this.#serve(request);
  }

  #write(packet: Buffer): Buffer {
    const { id, handle } = decodeWriteHead(packet);
    const flags = this.#open.get(handle);
    assert(typeof flags === 'number' && (flags & openFlags.write) !== 0);
    return encodeStatus(id, statusCodes.ok, '');
  }

  /** Nothing but a question of the inspector's own names what was not allowed, or not in full. */
  #check(request: SftpRequest): void {
    if ('handle' in request) assert(this.#open.has(request.handle));
    if (!('path' in request) || isQuestion(request)) return;
    const paths = [
      ...(request.kind === 'symlink' ? [] : [request.path]),
      ...('to' in request ? [request.to] : []),
    ];
    for (const path of paths) {
      assert(!isSecret(path), 'a path that was denied');
      assert.equal(lexicalPath(path), path);
    }
  }

  #serve(request: SftpRequest): Buffer {
    const { id } = request;
    const status = (code: number): Buffer => encodeStatus(id, code, '');
    switch (request.kind) {
      case 'realpath':
      case 'expand-path':
      case 'home-directory':
        return nameOf(id, resolve(request.path));
      case 'readlink':
        return nameOf(id, '../any/where');
      case 'open':
      case 'opendir':
        return this.#give(id, request.kind === 'open' ? request.flags : 'directory');
      case 'close':
        this.#open.delete(request.handle);
        return status(statusCodes.ok);
      case 'read': {
        const flags = this.#open.get(request.handle);
        assert(typeof flags === 'number' && (flags & openFlags.read) !== 0);
        const bytes = Math.min(request.bytes, fileBytes - request.offset);
        return bytes > 0 ? encodeData(id, Buffer.alloc(bytes, 'x')) : status(statusCodes.endOfFile);
      }
      case 'readdir':
        assert.equal(this.#open.get(request.handle), 'directory');
        return nameOf(id, 'name');
      case 'stat':
      case 'lstat':
      case 'fstat':
        return encodeSftpResponse({ kind: 'attrs', id, attributes: { permissions: 0o100644 } });
      case 'statvfs':
      case 'fstatvfs':
      case 'users-groups-by-id':
      case 'limits':
        return encodeSftpResponse({ kind: 'extended-reply', id, body: Buffer.alloc(32) });
      default:
        return status(statusCodes.ok);
    }
  }

  #give(id: number, use: number | 'directory'): Buffer {
    this.#handles += 1;
    const handle = `h${this.#handles}`;
    this.#open.set(handle, use);
    return encodeSftpResponse({ kind: 'handle', id, handle });
  }
}

const isQuestion = ({ kind, id }: SftpRequest): boolean =>
  kind === 'realpath' ||
  kind === 'expand-path' ||
  kind === 'home-directory' ||
  (kind === 'lstat' && id >= ownIdMin);

const nameOf = (id: number, name: string): Buffer =>
  encodeSftpResponse({ kind: 'name', id, names: [{ name: Buffer.from(name), attributes: none }] });
