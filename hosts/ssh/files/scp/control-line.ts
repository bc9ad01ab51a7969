// Control lines of the scp protocol, in the one form that OpenSSH writes (scp.c, `source` and `sink`).

import { isUtf8 } from 'node:buffer';
import { BrokenChannel } from '../rules.ts';

export type ControlLine =
  | {
      readonly kind: 'file' | 'directory';
      readonly mode: number;
      readonly bytes: number;
      readonly name: string;
    }
  | { readonly kind: 'end' }
  /** Seconds since 1970. */
  | { readonly kind: 'times'; readonly modification: number; readonly access: number };

/** A path and what stands in front of it. */
export const lineBytesMax = 4096 + 64;

const entry = /^([CD])([0-7]{4}) (0|[1-9][0-9]{0,15}) (.*)$/s;
const times = /^T(0|[1-9][0-9]{0,14}) 0 (0|[1-9][0-9]{0,14}) 0$/;
const control = /\p{Cc}/u;

/** "Unexpected filename" to OpenSSH, and anything that a terminal or a log could trip over. */
function checkName(name: string): void {
  const isPlace = name === '' || name === '.' || name === '..';
  if (isPlace || name.includes('/') || control.test(name)) throw new BrokenChannel('scp-name');
}

/**
 * @param line without its line feed
 * @throws BrokenChannel `scp-line`, `scp-name`
 */
export function decodeControlLine(line: Buffer): ControlLine {
  if (!isUtf8(line)) throw new BrokenChannel('scp-name');
  const text = line.toString('utf8');
  if (text === 'E') return { kind: 'end' };
  const stamp = times.exec(text);
  if (stamp !== null) {
    return { kind: 'times', modification: Number(stamp[1]), access: Number(stamp[2]) };
  }
  const [, letter, mode, size, name] = entry.exec(text) ?? [];
  const bytes = Number(size);
  if (name === undefined || mode === undefined || !Number.isSafeInteger(bytes)) {
    throw new BrokenChannel('scp-line');
  }
  checkName(name);
  const kind = letter === 'C' ? 'file' : 'directory';
  return { kind, mode: Number.parseInt(mode, 8), bytes, name };
}

/** With its line feed. Nobody was asked about the setuid and setgid bits, so they stay behind. */
export function encodeControlLine(line: ControlLine): Buffer {
  switch (line.kind) {
    case 'end':
      return Buffer.from('E\n');
    case 'times':
      return Buffer.from(`T${line.modification} 0 ${line.access} 0\n`);
    case 'file':
    case 'directory': {
      const mode = (line.mode & 0o1777).toString(8).padStart(4, '0');
      const letter = line.kind === 'file' ? 'C' : 'D';
      return Buffer.from(`${letter}${mode} ${line.bytes} ${line.name}\n`);
    }
  }
}
