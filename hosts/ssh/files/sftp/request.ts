// What a client asks (draft-ietf-secsh-filexfer-02 §6; OpenSSH PROTOCOL §4): packet to value and back.

import { RefusedRequest } from '../rules.ts';
import { decodeAttributes, encodeAttributes, type Attributes } from './attributes.ts';
import { isExtension, type ExtensionName } from './extensions.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { headerBytes, lengthBytes, packetTypes as types } from './packet-types.ts';

/** The kinds whose fields are one path. */
export type PathKind =
  | 'lstat'
  | 'stat'
  | 'opendir'
  | 'remove'
  | 'rmdir'
  | 'realpath'
  | 'readlink'
  | 'statvfs'
  | 'expand-path'
  | 'home-directory';

/** Two paths: `path` is there already, `to` will be. Of a symbolic link `path` is what it says, in any spelling. */
export type PairKind = 'rename' | 'posix-rename' | 'hardlink' | 'symlink';

export type HandleKind = 'close' | 'fstat' | 'readdir' | 'fsync' | 'fstatvfs';

export type SftpRequest = { readonly id: number } & (
  | { readonly kind: PathKind; readonly path: string }
  | {
      readonly kind: 'setstat' | 'mkdir' | 'lsetstat';
      readonly path: string;
      readonly attributes: Attributes;
    }
  | { readonly kind: PairKind; readonly path: string; readonly to: string }
  | {
      readonly kind: 'open';
      readonly path: string;
      readonly flags: number;
      readonly attributes: Attributes;
    }
  | { readonly kind: HandleKind; readonly handle: string }
  | { readonly kind: 'fsetstat'; readonly handle: string; readonly attributes: Attributes }
  | {
      readonly kind: 'read';
      readonly handle: string;
      readonly offset: number;
      readonly bytes: number;
    }
  | {
      readonly kind: 'copy-data';
      readonly handle: string;
      readonly offset: number;
      readonly bytes: number;
      readonly toHandle: string;
      readonly toOffset: number;
    }
  | { readonly kind: 'users-groups-by-id'; readonly users: Buffer; readonly groups: Buffer }
  | { readonly kind: 'limits' }
);

export type RequestKind = SftpRequest['kind'];

/** WRITE is read by its head alone: the content passes by in pieces. */
export interface WriteHead {
  readonly id: number;
  readonly handle: string;
  readonly offset: number;
  readonly bytes: number;
}

const pathTypes: Readonly<Partial<Record<number, PathKind>>> = {
  [types.lstat]: 'lstat',
  [types.stat]: 'stat',
  [types.opendir]: 'opendir',
  [types.remove]: 'remove',
  [types.rmdir]: 'rmdir',
  [types.realpath]: 'realpath',
  [types.readlink]: 'readlink',
};

const extensionNames = {
  'posix-rename': 'posix-rename@openssh.com',
  statvfs: 'statvfs@openssh.com',
  fstatvfs: 'fstatvfs@openssh.com',
  hardlink: 'hardlink@openssh.com',
  fsync: 'fsync@openssh.com',
  lsetstat: 'lsetstat@openssh.com',
  limits: 'limits@openssh.com',
  'expand-path': 'expand-path@openssh.com',
  'copy-data': 'copy-data',
  'home-directory': 'home-directory',
  'users-groups-by-id': 'users-groups-by-id@openssh.com',
} as const satisfies Partial<Record<RequestKind, ExtensionName>>;

/** The extension that a request is of; undefined for those of the draft. */
export const extensionOf = (kind: RequestKind): ExtensionName | undefined =>
  Object.hasOwn(extensionNames, kind)
    ? extensionNames[kind as keyof typeof extensionNames]
    : undefined;

function readExtension(fields: FieldReader, id: number): SftpRequest {
  const name = fields.string().toString('latin1');
  if (!isExtension(name)) throw new RefusedRequest('extension-unknown');
  switch (name) {
    case 'posix-rename@openssh.com':
      return { kind: 'posix-rename', id, path: fields.path(), to: fields.path() };
    case 'hardlink@openssh.com':
      return { kind: 'hardlink', id, path: fields.path(), to: fields.path() };
    case 'statvfs@openssh.com':
      return { kind: 'statvfs', id, path: fields.path() };
    case 'expand-path@openssh.com':
      return { kind: 'expand-path', id, path: fields.path() };
    case 'home-directory':
      return { kind: 'home-directory', id, path: fields.path() };
    case 'fstatvfs@openssh.com':
      return { kind: 'fstatvfs', id, handle: fields.handle() };
    case 'fsync@openssh.com':
      return { kind: 'fsync', id, handle: fields.handle() };
    case 'lsetstat@openssh.com':
      return { kind: 'lsetstat', id, path: fields.path(), attributes: decodeAttributes(fields) };
    case 'limits@openssh.com':
      return { kind: 'limits', id };
    case 'users-groups-by-id@openssh.com':
      return { kind: 'users-groups-by-id', id, users: readIds(fields), groups: readIds(fields) };
    case 'copy-data':
      return {
        kind: 'copy-data',
        id,
        handle: fields.handle(),
        offset: fields.uint64(),
        bytes: fields.uint64(),
        toHandle: fields.handle(),
        toOffset: fields.uint64(),
      };
  }
}

/** A string of uint32s. */
function readIds(fields: FieldReader): Buffer {
  const ids = fields.string();
  if (ids.length % 4 !== 0) throw new RefusedRequest('packet-malformed');
  return ids;
}

function readFields(fields: FieldReader, type: number, id: number): SftpRequest {
  const pathKind = pathTypes[type];
  if (pathKind !== undefined) return { kind: pathKind, id, path: fields.path() };
  switch (type) {
    case types.open: {
      const path = fields.path();
      return {
        kind: 'open',
        id,
        path,
        flags: fields.uint32(),
        attributes: decodeAttributes(fields),
      };
    }
    case types.close:
      return { kind: 'close', id, handle: fields.handle() };
    case types.fstat:
      return { kind: 'fstat', id, handle: fields.handle() };
    case types.readdir:
      return { kind: 'readdir', id, handle: fields.handle() };
    case types.read:
      return {
        kind: 'read',
        id,
        handle: fields.handle(),
        offset: fields.uint64(),
        bytes: fields.uint32(),
      };
    case types.setstat:
      return { kind: 'setstat', id, path: fields.path(), attributes: decodeAttributes(fields) };
    case types.mkdir:
      return { kind: 'mkdir', id, path: fields.path(), attributes: decodeAttributes(fields) };
    case types.fsetstat:
      return {
        kind: 'fsetstat',
        id,
        handle: fields.handle(),
        attributes: decodeAttributes(fields),
      };
    case types.rename:
      return { kind: 'rename', id, path: fields.path(), to: fields.path() };
    // OpenSSH PROTOCOL §4.1: what the link says comes first, unlike in the draft.
    case types.symlink:
      return { kind: 'symlink', id, path: fields.path(), to: fields.path() };
    case types.extended:
      return readExtension(fields, id);
    default:
      throw new RefusedRequest('packet-unknown');
  }
}

/**
 * A whole packet of any type but INIT and WRITE.
 *
 * @throws RefusedRequest
 */
export function decodeSftpRequest(packet: Buffer): SftpRequest {
  const fields = new FieldReader(packet, lengthBytes);
  const request = readFields(fields, fields.uint8(), fields.uint32());
  fields.finish();
  return request;
}

/**
 * The fields of WRITE in front of its content, which fills the rest of the packet exactly.
 *
 * @param head the packet from its length on, at least up to the content
 * @throws RefusedRequest
 */
export function decodeWriteHead(head: Buffer): WriteHead {
  const fields = new FieldReader(head, headerBytes);
  const id = fields.uint32();
  const handle = fields.handle();
  const offset = fields.uint64();
  const bytes = fields.uint32();
  const headBytes = head.length - fields.remaining;
  if (head.readUInt32BE(0) + 4 !== headBytes + bytes) throw new RefusedRequest('packet-malformed');
  return { id, handle, offset, bytes };
}

const pathKindTypes = new Map(
  Object.entries(pathTypes).map(([type, kind]) => [kind as RequestKind, Number(type)]),
);

const typeOf = (kind: RequestKind): number =>
  pathKindTypes.get(kind) ?? types[kind as keyof typeof types];

export function encodeSftpRequest(request: SftpRequest): Buffer {
  const extension = extensionOf(request.kind);
  const type = extension === undefined ? typeOf(request.kind) : types.extended;
  const fields = new FieldWriter(type).uint32(request.id);
  if (extension !== undefined) fields.string(extension);
  switch (request.kind) {
    case 'open':
      fields.string(request.path).uint32(request.flags);
      encodeAttributes(fields, request.attributes);
      break;
    case 'setstat':
    case 'mkdir':
    case 'lsetstat':
      encodeAttributes(fields.string(request.path), request.attributes);
      break;
    case 'fsetstat':
      encodeAttributes(fields.handle(request.handle), request.attributes);
      break;
    case 'read':
      fields.handle(request.handle).uint64(request.offset).uint32(request.bytes);
      break;
    case 'copy-data':
      fields.handle(request.handle).uint64(request.offset).uint64(request.bytes);
      fields.handle(request.toHandle).uint64(request.toOffset);
      break;
    case 'users-groups-by-id':
      fields.string(request.users).string(request.groups);
      break;
    case 'rename':
    case 'posix-rename':
    case 'hardlink':
    case 'symlink':
      fields.string(request.path).string(request.to);
      break;
    case 'close':
    case 'fstat':
    case 'readdir':
    case 'fsync':
    case 'fstatvfs':
      fields.handle(request.handle);
      break;
    case 'limits':
      break;
    default:
      fields.string(request.path);
  }
  return fields.packet();
}

export const encodeWrite = (head: WriteHead, content: Buffer): Buffer =>
  new FieldWriter(types.write)
    .uint32(head.id)
    .handle(head.handle)
    .uint64(head.offset)
    .string(content)
    .packet();
