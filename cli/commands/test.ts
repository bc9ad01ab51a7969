// `sallyport test`: the tests of a directory of policies, with coverage.

import { join } from 'node:path';

import type { Argv } from 'yargs';

import { Compiler, loadConfig, readBundle } from '#engine';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption, jsonOption } from '../command.ts';
import { placeOf, reportFindings } from '../diagnostics.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportError } from '../failure.ts';
import { fileIn, findingsOf } from '../policies.ts';
import type { Terminal } from '../terminal.ts';
import { table } from '../terminal.ts';

interface TestOptions {
  readonly dir: string | undefined;
  readonly config: string;
  readonly coverage: boolean;
  readonly json: boolean;
}

type Report = Extract<Awaited<ReturnType<Compiler['test']>>, { readonly ok: true }>['report'];

export function addTest(yargs: Argv, context: CommandContext): void {
  addCommand<TestOptions>(
    yargs,
    {
      command: 'test [dir]',
      describe: 'run the tests of policies',
      options: (line) =>
        line
          .positional('dir', {
            describe: 'directory of policies; else that of the configuration',
            type: 'string',
          })
          .option('config', configOption)
          .option('coverage', {
            describe: 'say which lines no test reached',
            type: 'boolean',
            default: false,
          })
          .option('json', jsonOption),
      run,
    },
    context,
  );
}

async function run(options: TestOptions, terminal: Terminal): Promise<ExitCode> {
  const { directory, cache } = placesOf(options);
  const compiler = new Compiler(cache);
  try {
    const tested = await compiler.test(await readBundle(directory));
    if (!tested.ok) {
      const outcome = { kind: 'rejected', diagnostics: tested.diagnostics } as const;
      reportFindings(terminal, 'error', findingsOf(outcome, directory));
      return exitCodes.failed;
    }
    return tell(tested.report, { ...options, directory }, terminal);
  } finally {
    await compiler.close();
  }
}

function placesOf({ dir, config }: TestOptions) {
  if (dir !== undefined) return { directory: dir, cache: {} };
  const { policies, state } = loadConfig(config);
  return { directory: policies, cache: { cacheDirectory: join(state, 'compiled') } };
}

type TellOptions = TestOptions & { readonly directory: string };

function tell(report: Report, options: TellOptions, terminal: Terminal): ExitCode {
  const { results } = report;
  const failed = results.filter(({ outcome }) => outcome === 'fail' || outcome === 'error');
  const ok = failed.length === 0 && results.length > 0;
  if (options.json) {
    terminal.json({ ok, ...report });
    return ok ? exitCodes.ok : exitCodes.failed;
  }
  for (const { package: name, name: test, file, line, outcome, output } of failed) {
    const place = placeOf({ file: fileIn(options.directory, file), line });
    terminal.out(`${place}${outcome}: ${name}.${test}`);
    if (output !== undefined) terminal.out(`  ${output.replaceAll('\n', '\n  ')}`);
  }
  if (options.coverage) tellCoverage(report, options.directory, terminal);
  if (results.length === 0) {
    reportError(
      terminal,
      'there are no tests',
      'tests are rules named test_… in *_test.rego files',
    );
    return exitCodes.failed;
  }
  const passed = results.filter(({ outcome }) => outcome === 'pass').length;
  const percent = `coverage ${report.coverage.percent} %`;
  terminal.out(`${passed} passed, ${failed.length} failed, ${percent}`);
  return ok ? exitCodes.ok : exitCodes.failed;
}

function tellCoverage({ coverage }: Report, directory: string, terminal: Terminal): void {
  const rows = coverage.files.map(({ file, percent, notCovered }) => {
    const ranges = notCovered.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
    const missing = ranges.length === 0 ? '' : `not reached: ${ranges.join(', ')}`;
    return [fileIn(directory, file), `${percent} %`, missing];
  });
  for (const line of table(rows)) terminal.out(line.trimEnd());
}
