// Command lines that clients of file transfer run on the target: what each reads and writes.

import type { FileFacts } from '../facts.ts';
import { recogniseGit } from './git.ts';
import { programName } from './program.ts';
import { recogniseRsync } from './rsync.ts';
import { recogniseScp, type ScpCommand } from './scp.ts';

export type FileCommand =
  /** Speaks SFTP as the subsystem does, and is to be inspected as that. */
  | { readonly kind: 'sftp' }
  | ScpCommand
  /** What these do is known from the command line alone; their bytes are not inspected. */
  | { readonly kind: 'rsync' | 'git'; readonly facts: readonly FileFacts[] };

const sftpServers: ReadonlySet<string> = new Set([
  'sftp-server',
  '/usr/lib/openssh/sftp-server',
  '/usr/lib/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  'internal-sftp',
]);

/**
 * Exact: undefined for everything else, which is then a command like any other.
 *
 * @param argv one simple command's words, as the program gets them: expanded, without quotes
 */
export function recogniseFileCommand(argv: readonly string[]): FileCommand | undefined {
  const [program, ...words] = argv;
  if (program === undefined || argv.some((word) => word.includes('\0'))) return undefined;
  if (sftpServers.has(program)) return words.length === 0 ? { kind: 'sftp' } : undefined;
  const name = programName(program);
  if (name === 'scp') return recogniseScp(words);
  const facts = name === 'rsync' ? recogniseRsync(words) : recogniseGit(name, words);
  if (facts === undefined) return undefined;
  return { kind: name === 'rsync' ? 'rsync' : 'git', facts };
}
