// Names of hosts in arguments: URLs, `user@host:path`, `host:port`.

import type { Reading } from './place.ts';
import type { Value } from './value.ts';
import { literal } from './value.ts';

/** A URL, or the host and path that programs such as curl take for one. */
export function checkUrl(value: Value, { found }: Reading): void {
  if (value.kind === 'open') return found.doubt('host');
  const [, scheme, rest = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(.*)$/s.exec(value.text) ?? [];
  const authority = rest.split(/[/?#]/, 1)[0] ?? '';
  // curl takes lists and ranges in names for several hosts; other schemes are files, or programs.
  if (/[{}[\]\\*]/.test(authority.replace(/^[^@]*@?\[[\da-fA-F:.]+\]/, '')))
    return found.doubt('host');
  if (value.kind === 'pattern' && !/[/?#]/.test(rest)) return found.doubt('host');
  if (scheme !== undefined && !/^(?:https?|ftps?|sftp|scp|wss?|git|ssh)$/i.test(scheme)) {
    return found.doubt('path');
  }
  found.host(literal(hostOf(authority)));
}

/** The host in `user:password@host:port`. */
export function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1];
  if (bracketed !== undefined) return bracketed;
  return host.split(':').length === 2 ? (host.split(':', 1)[0] ?? '') : host;
}

export interface RemotePath {
  readonly host: string;
  readonly path: string;
}

/** `host:path` as scp, rsync and git tell it from a path: by a colon before any slash. */
export function remotePath(text: string): RemotePath | undefined {
  const url = /^(?:ssh|rsync|sftp|scp):\/\/([^/]+)(\/.*)?$/.exec(text);
  if (url !== null) return { host: hostOf(url[1] ?? ''), path: url[2] ?? '' };
  const match = /^((?:[^:/[\]]*@)?(?:\[[^\]]*\]|[^:/]+)):(.*)$/s.exec(text);
  return match === null ? undefined : { host: hostOf(match[1] ?? ''), path: match[2] ?? '' };
}
