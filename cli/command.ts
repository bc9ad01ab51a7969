// How a command is described and run. Each answers with its exit code; only main.ts touches the process.

import type { Argv } from 'yargs';

import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export interface Command<Options> {
  /** As yargs takes it, for example `eval [sql]`. */
  readonly command: string;
  readonly describe: string;
  readonly options: (yargs: Argv) => Argv<Options>;
  readonly run: (options: Options, terminal: Terminal) => Promise<ExitCode>;
}

export interface CommandContext {
  readonly terminal: Terminal;
  /** Takes the exit code of the command that ran. */
  readonly settle: (code: ExitCode) => void;
}

/** Adds a command to the line that yargs parses. */
export function addCommand<Options>(
  yargs: Argv,
  { command, describe, options, run }: Command<Options>,
  { terminal, settle }: CommandContext,
): void {
  yargs.command(command, describe, options, async (parsed) => {
    // yargs adds spellings in camel case to the options that were declared; it takes none away.
    settle(await run(parsed as unknown as Options, terminal));
  });
}

export const configOption = {
  describe: 'configuration file',
  type: 'string',
  default: 'sallyport.yaml',
  requiresArg: true,
} as const;

export const jsonOption = { describe: 'print JSON', type: 'boolean', default: false } as const;

/** `a, b` as its items. */
export const commaSeparated = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
