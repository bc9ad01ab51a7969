// `scp -t` and `scp -f`: the far end of the legacy scp protocol, as OpenSSH, PuTTY and libssh2 start it.

import type { FileFacts } from '../facts.ts';
import { isPath } from './program.ts';

export interface ScpCommand {
  readonly kind: 'scp';
  /** Whether the client sends (`-t`) or the target does (`-f`). */
  readonly direction: 'upload' | 'download';
  readonly recursive: boolean;
  readonly facts: readonly FileFacts[];
}

/** `q` and `v` talk, `p` keeps times, `d` wants a directory; `r` takes directories. */
const optionWord = /^-[tfrpdvq]+$/;

/** @param words what follows `scp` */
export function recogniseScp(words: readonly string[]): ScpCommand | undefined {
  const end = words.findIndex((word) => !optionWord.test(word));
  if (end <= 0) return undefined;
  const flags = words.slice(0, end).join('');
  const hasMarker = words[end] === '--';
  const paths = words.slice(hasMarker ? end + 1 : end);
  const isReceiver = flags.includes('t');
  if (isReceiver === flags.includes('f') || paths.length === 0) return undefined;
  if (isReceiver && paths.length !== 1) return undefined;
  if (paths.some((path) => path === '' || !(hasMarker || isPath(path)))) return undefined;
  const recursive = flags.includes('r');
  const operation = isReceiver ? 'write' : 'read';
  const facts = paths.map((path): FileFacts => ({
    operation,
    path,
    to: '',
    protocol: 'scp',
    recursive,
  }));
  return { kind: 'scp', direction: isReceiver ? 'upload' : 'download', recursive, facts };
}
