// `sallyport check`: everything that `up` would read, without a network: configuration, tokens,
// certificates, secrets, policies and their tests.

import type { Argv } from 'yargs';

import type { Config } from '#engine';
import { PolicyError, loadConfig } from '#engine';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption, jsonOption } from '../command.ts';
import type { Finding } from '../diagnostics.ts';
import { reportFindings } from '../diagnostics.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { findingsOf, loadPolicies } from '../policies.ts';
import { checkSetup, mistakesOf } from '../setup.ts';
import { checkSshSetup } from '../ssh-setup.ts';
import type { Terminal } from '../terminal.ts';

interface CheckOptions {
  readonly config: string;
  readonly json: boolean;
}

interface Report {
  readonly mistakes: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly policies: PolicyReport | undefined;
}

interface PolicyReport {
  readonly revision: string;
  readonly packages: readonly string[];
  readonly tests: number;
}

export function addCheck(yargs: Argv, context: CommandContext): void {
  addCommand<CheckOptions>(
    yargs,
    {
      command: 'check',
      describe: 'check configuration, tokens, certificates and policies, without a network',
      options: (line) => line.option('config', configOption).option('json', jsonOption),
      run,
    },
    context,
  );
}

async function run({ config, json }: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const report = await check(config);
  const ok = report.mistakes.length === 0;
  if (json) terminal.json({ ok, ...report });
  else tell(report, terminal);
  return ok ? exitCodes.ok : exitCodes.failed;
}

async function check(file: string): Promise<Report> {
  let config: Config | undefined;
  const mistakes = mistakesOf(() => {
    config = loadConfig(file);
  });
  if (config === undefined) return { mistakes, warnings: [], policies: undefined };
  const setup = checkSetup(config, Date.now());
  const ssh = await checkSshSetup(config);
  const policies = await checkPolicies(config);
  return {
    mistakes: [...setup.mistakes, ...ssh, ...policies.mistakes],
    warnings: [...setup.warnings, ...policies.warnings],
    policies: policies.report,
  };
}

interface PolicyFindings {
  readonly mistakes: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly report: PolicyReport | undefined;
}

async function checkPolicies(config: Config): Promise<PolicyFindings> {
  try {
    const { compiler, files, outcome } = await loadPolicies(config);
    try {
      if (outcome.kind === 'rejected') {
        return {
          mistakes: findingsOf(outcome, config.policies),
          warnings: [],
          report: undefined,
        };
      }
      const tested = await compiler.test(files);
      const tests = tested.ok ? tested.report.results.length : 0;
      const { revision } = outcome;
      const packages = outcome.kind === 'loaded' ? outcome.packages : [];
      return {
        mistakes: [],
        warnings: warningsOf(packages, tests),
        report: { revision, packages, tests },
      };
    } finally {
      await compiler.close();
    }
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const { code, message, hint } = error;
    const mistake = { code, message, file: '', line: 0, hint };
    return { mistakes: [mistake], warnings: [], report: undefined };
  }
}

function warningsOf(packages: readonly string[], tests: number): readonly Finding[] {
  const place = { file: '', line: 0 };
  const warnings: Finding[] = [];
  if (packages.length === 0) {
    const message = 'no package under rules.postgres: every statement will be denied';
    warnings.push({ code: 'no-rules', message, ...place });
  }
  if (tests === 0) {
    warnings.push({ code: 'no-tests', message: 'the policies have no tests', ...place });
  }
  return warnings;
}

function tell({ mistakes, warnings, policies }: Report, terminal: Terminal): void {
  reportFindings(terminal, 'error', mistakes);
  reportFindings(terminal, 'warning', warnings);
  if (mistakes.length > 0 || policies === undefined) return;
  const { revision, packages, tests } = policies;
  terminal.out(`ok: revision ${revision}, ${packages.length} packages, ${tests} tests passed`);
}
