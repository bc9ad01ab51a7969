// `sallyport token`: makes an API token and the entry of tokens.yaml that knows it.

import type { Argv } from 'yargs';
import { stringify } from 'yaml';

import { createToken } from '#engine';
import type { CommandContext } from '../command.ts';
import { addCommand, commaSeparated, jsonOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal.ts';

interface TokenOptions {
  readonly id: string;
  readonly groups: string;
  readonly kind: string;
  readonly expires: string | undefined;
  readonly json: boolean;
}

export function addToken(yargs: Argv, context: CommandContext): void {
  addCommand<TokenOptions>(
    yargs,
    {
      command: 'token',
      describe: 'make an API token and its entry for tokens.yaml',
      options: (line) =>
        line
          .option('id', {
            describe: 'name of the principal, for example ada@example.com',
            type: 'string',
            demandOption: true,
            requiresArg: true,
          })
          .option('groups', { describe: 'groups, by comma', type: 'string', default: '' })
          .option('kind', {
            describe: 'who it is',
            choices: ['human', 'workload'],
            default: 'human',
          })
          .option('expires', {
            describe: 'RFC 3339 time at which it ends',
            type: 'string',
            requiresArg: true,
          })
          .option('json', jsonOption),
      run: (options, terminal) => Promise.resolve(run(options, terminal)),
    },
    context,
  );
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function run({ id, groups, kind, expires, json }: TokenOptions, terminal: Terminal) {
  if (id === '') throw new UsageError('--id is empty');
  if (expires !== undefined && (!rfc3339.test(expires) || Number.isNaN(Date.parse(expires)))) {
    throw new UsageError(`--expires '${expires}' is not like 2030-01-31T18:00:00Z`);
  }
  const { token, hash } = createToken();
  const entry = {
    id,
    ...(kind === 'human' ? {} : { kind }),
    groups: commaSeparated(groups),
    hash,
    ...(expires === undefined ? {} : { expires }),
  };
  if (json) {
    terminal.json({ token, entry });
    return exitCodes.ok;
  }
  terminal.err('the token, shown only now; clients send it as their password');
  terminal.out(token);
  terminal.err('its entry, to be listed under `tokens:` in tokens.yaml');
  const lines = stringify([entry], { lineWidth: 0 }).trimEnd().split('\n');
  for (const line of lines) terminal.out(`  ${line}`);
  return exitCodes.ok;
}
