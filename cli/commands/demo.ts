// `sallyport demo`: the whole thing on this machine, with a real database and a real client.

import { fileURLToPath } from 'node:url';

import type { Argv } from 'yargs';

import type { CommandContext } from '../command.ts';
import { addCommand } from '../command.ts';

interface DemoOptions {
  readonly once: boolean;
  readonly dir: string;
}

const directoryDefault = fileURLToPath(new URL('../../.demo', import.meta.url));

export function addDemo(yargs: Argv, context: CommandContext): void {
  addCommand<DemoOptions>(
    yargs,
    {
      command: 'demo',
      describe: 'start a database and a gateway, take a tour, stay up to be tried',
      options: (line) =>
        line
          .option('once', {
            describe: 'end after the tour; fail when a step did not show what it claims',
            type: 'boolean',
            default: process.env['ONCE'] === '1',
          })
          .option('dir', {
            describe: 'working directory, made anew',
            type: 'string',
            default: directoryDefault,
            defaultDescription: '.demo beside the sources',
            requiresArg: true,
          }),
      run: async ({ once, dir }, terminal) => {
        // What the demo needs to start servers is no part of a gateway.
        const { runDemo } = await import('../demo/demo.ts');
        return runDemo({ directory: dir, once }, terminal);
      },
    },
    context,
  );
}
