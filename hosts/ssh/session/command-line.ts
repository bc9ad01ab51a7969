// What an exec request is: a file transfer by its exact grammar, or a command of which everything that runs is judged.

import type { Statement } from '#engine';

import type { FileCommand } from '../files/index.ts';
import { recogniseFileCommand } from '../files/index.ts';
import type { Refusal } from '../refusal.ts';
import type { CommandFacts, Doubt } from '../shell/index.ts';
import { readCommand } from '../shell/index.ts';
import type { Asker } from '../statement.ts';
import { commandStatement, fileStatement } from '../statement.ts';

export type CommandLine =
  | { readonly kind: 'refused'; readonly text: string; readonly refusal: Refusal }
  /** Its output is text. */
  | { readonly kind: 'command'; readonly statement: Statement }
  /** What passes is the content of files. */
  | {
      readonly kind: 'transfer';
      readonly transfer: Exclude<FileCommand, { readonly kind: 'sftp' }>;
      readonly statements: readonly Statement[];
    }
  /** `sftp-server`, by its name. */
  | { readonly kind: 'sftp' };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param bytes as the client sent them, which is as the target's shell would read them */
export function readCommandLine(bytes: Buffer, asker: Asker): CommandLine {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return unjudgeable(bytes.toString('latin1'), 'the command is not UTF-8');
  }
  const read = readCommand(text);
  if (read.kind === 'refused') return unjudgeable(text, read.message);
  const argv = plainArgv(read.facts, text);
  const transfer = argv === undefined ? undefined : recogniseFileCommand(argv);
  if (transfer === undefined) {
    const statement = commandStatement('EXEC', asker, { facts: read.facts, text });
    return { kind: 'command', statement };
  }
  if (transfer.kind === 'sftp') return { kind: 'sftp' };
  return {
    kind: 'transfer',
    transfer,
    statements: transfer.facts.map((each) => fileStatement(asker, each)),
  };
}

const unjudgeable = (text: string, message: string): CommandLine => ({
  kind: 'refused',
  text,
  refusal: { code: 'statement-ambiguous', message },
});

/** About the meaning of words that are known themselves. The far ends of transfers have options that are in no table. */
const doubtsOfMeaning: ReadonlySet<Doubt> = new Set(['option', 'option-runs']);

/** Of a line that is one program with words that are known, and nothing else: no redirection is in its words either. */
function plainArgv({ doubts, commands }: CommandFacts, text: string): string[] | undefined {
  const [only, ...others] = commands;
  const isRead = doubts.every((doubt) => doubtsOfMeaning.has(doubt));
  if (only === undefined || others.length > 0 || !isRead) return undefined;
  const { wrappers, assigns, background, path, args } = only;
  if (wrappers.length > 0 || assigns.length > 0 || background || /[<>]/.test(text))
    return undefined;
  const words = args.filter((word) => word !== null);
  return words.length === args.length ? [path, ...words] : undefined;
}
