// `sallyport eval`: what the gateway would decide, and which rules make it so, without a gateway.

import type { Argv } from 'yargs';

import { loadConfig } from '#engine';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption, jsonOption } from '../command.ts';
import { reportFindings } from '../diagnostics.ts';
import { answerOf } from '../eval/answer.ts';
import type { EvalOptions, Question } from '../eval/question.ts';
import { questionOf } from '../eval/question.ts';
import type { Answer } from '../eval/tell.ts';
import { tell, tellJson } from '../eval/tell.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportError } from '../failure.ts';
import { findingsOf, loadPolicies } from '../policies.ts';
import type { Terminal } from '../terminal.ts';

const text = (describe: string) => ({ describe, type: 'string', requiresArg: true }) as const;

export function addEval(yargs: Argv, context: CommandContext): void {
  addCommand<EvalOptions>(
    yargs,
    {
      command: 'eval [statement]',
      describe: 'decide on a statement and say which rules made it so',
      options: (line) =>
        line
          .positional('statement', {
            describe: 'SQL; for an HTTP target a path or URL, for an SSH target a command',
            type: 'string',
          })
          .option('request', { ...text('HTTP method'), alias: 'X', default: '' })
          .option('header', {
            ...text("HTTP field, 'name: value'; may be repeated"),
            alias: 'H',
            array: true,
            nargs: 1,
            default: [],
          })
          .option('data', { ...text('HTTP body, or @FILE'), alias: 'd' })
          .option('config', configOption)
          .option('file', text('file with the SQL or command; - for standard input'))
          .option('input', text('file with an input document, instead of SQL and session'))
          .option('target', text('target; needed when there are several'))
          .option('database', text('database inside the target'))
          .option('user', text('account on an SSH target; its first one when left out'))
          .option('as', text('principal, by its id in tokens.yaml'))
          .option('groups', text('instead of --as: groups of some principal, by comma'))
          .option('kind', {
            describe: 'with --groups: who it is',
            choices: ['human', 'workload'],
            default: 'human',
          })
          .option('time', text('RFC 3339 time to decide at; now when left out'))
          .option('cross-check', {
            describe: "hold the decision against OPA's own evaluator too",
            type: 'boolean',
            default: false,
          })
          .option('json', jsonOption),
      run,
    },
    context,
  );
}

async function run(options: EvalOptions, terminal: Terminal): Promise<ExitCode> {
  const config = loadConfig(options.config);
  const question = questionOf(options, config);
  const loaded = await loadPolicies(config, () => question.now);
  try {
    if (loaded.outcome.kind === 'rejected') {
      reportFindings(terminal, 'error', findingsOf(loaded.outcome, config.policies));
      return exitCodes.failed;
    }
    const crossCheck = options['cross-check'];
    const answer = await answerOf(question, { config, loaded, crossCheck });
    if (options.json) tellJson(answer, terminal);
    else tell(answer, config.policies, terminal);
    if (question.kind === 'sql') tellCatalog(answer, question, terminal);
    return codeOf(answer, terminal);
  } finally {
    await loaded.compiler.close();
  }
}

function tellCatalog({ catalog }: Answer, { session }: Question, terminal: Terminal): void {
  const { name, database = '' } = session.target;
  terminal.err(
    catalog === undefined
      ? `note: no catalog of ${name}/${database} is saved yet: names are taken as written, and whether masks can be applied is not said`
      : `note: names are resolved by the catalog saved in ${catalog}`,
  );
}

function codeOf({ verdict, evaluated }: Answer, terminal: Terminal): ExitCode {
  const split = evaluated.filter(({ disagreement }) => disagreement !== undefined);
  for (const { decision, disagreement } of split) {
    reportError(
      terminal,
      `THE EVALUATORS DISAGREE: one decides ${JSON.stringify(decision)}, the other ${JSON.stringify(disagreement)}`,
      'this is a fault of sallyport; do not trust this policy until it is mended',
    );
  }
  if (split.length > 0) return exitCodes.disagreement;
  switch (verdict) {
    case 'allow':
      return exitCodes.ok;
    case 'deny':
      return exitCodes.deny;
    case 'hold':
      return exitCodes.hold;
  }
}
