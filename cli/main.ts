#!/usr/bin/env node
// The composition root of the command line: parses arguments, runs one command, owns the process.

import type { Argv } from 'yargs';
import yargs from 'yargs';

import { version } from '#engine';
import type { CommandContext } from './command.ts';
import { addApprovals } from './commands/approvals.ts';
import { addCheck } from './commands/check.ts';
import { addDemo } from './commands/demo.ts';
import { addEval } from './commands/eval.ts';
import { addFmt } from './commands/fmt.ts';
import { addSessions } from './commands/sessions.ts';
import { addSshConfig } from './commands/ssh-config.ts';
import { addTest } from './commands/test.ts';
import { addToken } from './commands/token.ts';
import { addUp } from './commands/up.ts';
import { UsageError, reportFailure } from './failure.ts';
import { terminalOf } from './terminal.ts';

const commands: readonly ((yargs: Argv, context: CommandContext) => void)[] = [
  addUp,
  addCheck,
  addTest,
  addFmt,
  addEval,
  addApprovals,
  addSessions,
  addToken,
  addSshConfig,
  addDemo,
];

const lineColumnsMax = 100;

function parserOf(context: CommandContext): Argv {
  const parser = yargs()
    .scriptName('sallyport')
    .usage('$0 COMMAND\n\npolicy-as-code gateway: Rego policies decide on every statement')
    .locale('en')
    .parserConfiguration({ 'duplicate-arguments-array': false, 'parse-numbers': false })
    .version(version)
    .alias('help', 'h')
    .strict()
    .demandCommand(1, 'name a command')
    .recommendCommands()
    .exitProcess(false)
    .wrap(lineColumnsMax)
    .epilogue('commands, options and exit codes: docs/reference/cli.md')
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new UsageError(lowerFirst(message ?? 'the command line is wrong'));
    });
  for (const add of commands) add(parser, context);
  return parser;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

const terminal = terminalOf(process);
const context: CommandContext = {
  terminal,
  settle: (code) => {
    process.exitCode = code;
  },
};
// A reader that goes away, such as `head` or a log shipper that restarts, must not end a gateway.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
try {
  await parserOf(context).parseAsync(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportFailure(terminal, error);
}
