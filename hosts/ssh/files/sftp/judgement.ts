// From a request to what policies are asked: one question for each thing that the request does.

import type { FileFacts, FileOperation } from '../facts.ts';
import { RefusedRequest } from '../rules.ts';
import type { Attributes } from './attributes.ts';
import type { Access } from './open-files.ts';
import { openFlags } from './packet-types.ts';
import type { SftpRequest } from './request.ts';

/** The paths of a request as the target resolved them. */
export interface Places {
  readonly path: string;
  /** Empty for requests of one path. */
  readonly to: string;
  /** What `path` names is a directory, or may be one. */
  readonly recursive: boolean;
}

const everyFlag = Object.values(openFlags).reduce((all, flag) => all | flag, 0);
const setidBits = 0o6000;

/** @throws RefusedRequest `open-flags` */
export function accessOf(flags: number): Access {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const reads = has(openFlags.read);
  const writes = has(openFlags.write);
  const isKnown = (flags & ~everyFlag) === 0;
  // Flags of neither open for reading on OpenSSH; appending without writing means nothing.
  if (!isKnown || !(reads || writes)) throw new RefusedRequest('open-flags');
  if (has(openFlags.append) && !writes) throw new RefusedRequest('open-flags');
  return { reads, writes, appends: has(openFlags.append) };
}

/** Linux creates and truncates files that are opened for reading, too. */
function openOperations(flags: number): readonly FileOperation[] {
  const { reads, writes, appends } = accessOf(flags);
  const changes = (flags & (openFlags.truncate | openFlags.create | openFlags.exclusive)) !== 0;
  const truncates = (flags & openFlags.truncate) !== 0;
  return [
    ...(reads ? (['read'] as const) : []),
    ...((writes && !appends) || truncates || (changes && !writes) ? (['write'] as const) : []),
    ...(appends ? (['append'] as const) : []),
  ];
}

const setid = (attributes: Attributes): readonly FileOperation[] =>
  ((attributes.permissions ?? 0) & setidBits) === 0 ? [] : ['setid'];

/** A size cuts the file off, which is writing by another name. */
function setstatOperations(attributes: Attributes): readonly FileOperation[] {
  const { size, owner, permissions, times } = attributes;
  const isOnlySize =
    size !== undefined && owner === undefined && permissions === undefined && times === undefined;
  return [
    ...(isOnlySize ? [] : (['setstat'] as const)),
    ...(size === undefined ? [] : (['write'] as const)),
    ...setid(attributes),
  ];
}

/** What a request does, in the words of policies; nothing for requests on handles, which were judged when opened. */
export function operationsOf(request: SftpRequest): readonly FileOperation[] {
  switch (request.kind) {
    case 'open':
      return [...openOperations(request.flags), ...setid(request.attributes)];
    case 'opendir':
      return ['list'];
    case 'stat':
    case 'lstat':
    case 'statvfs':
      return ['stat'];
    case 'remove':
      return ['delete'];
    case 'mkdir':
      return ['mkdir', ...setid(request.attributes)];
    case 'posix-rename':
      return ['rename'];
    case 'expand-path':
    case 'home-directory':
      return ['realpath'];
    case 'setstat':
    case 'lsetstat':
    case 'fsetstat':
      return setstatOperations(request.attributes);
    case 'copy-data':
      return ['copy'];
    case 'users-groups-by-id':
      return ['users'];
    case 'close':
    case 'fstat':
    case 'readdir':
    case 'fsync':
    case 'fstatvfs':
    case 'read':
    case 'limits':
      return [];
    case 'rename':
    case 'hardlink':
    case 'symlink':
    case 'rmdir':
    case 'realpath':
    case 'readlink':
      return [request.kind];
  }
}

export const factsOf = (operation: FileOperation, { path, to, recursive }: Places): FileFacts => ({
  operation,
  path,
  to,
  protocol: 'sftp',
  recursive,
});
