// `sallyport fmt`: Rego files as `opa fmt` writes them.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Argv } from 'yargs';

import { Compiler, readBundle } from '#engine';
import type { CommandContext } from '../command.ts';
import { addCommand } from '../command.ts';
import { reportFindings } from '../diagnostics.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

interface FmtOptions {
  readonly dir: string;
  readonly check: boolean;
}

export function addFmt(yargs: Argv, context: CommandContext): void {
  addCommand<FmtOptions>(
    yargs,
    {
      command: 'fmt [dir]',
      describe: 'format Rego files',
      options: (line) =>
        line
          .positional('dir', { describe: 'directory of policies', type: 'string', default: '.' })
          .option('check', {
            describe: 'change nothing; fail when a file is not formatted',
            type: 'boolean',
            default: false,
          }),
      run,
    },
    context,
  );
}

async function run({ dir, check }: FmtOptions, terminal: Terminal): Promise<ExitCode> {
  const compiler = new Compiler();
  try {
    const formatted = await compiler.format(await readBundle(dir));
    if (!formatted.ok) {
      reportFindings(terminal, 'error', formatted.diagnostics);
      return exitCodes.failed;
    }
    const changed = formatted.files.filter((file) => file.changed);
    for (const { path, text } of changed) {
      terminal.out(join(dir, path));
      if (!check) await writeFile(join(dir, path), text);
    }
    return check && changed.length > 0 ? exitCodes.failed : exitCodes.ok;
  } finally {
    await compiler.close();
  }
}
