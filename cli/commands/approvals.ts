// `sallyport approvals`: what waits for an answer, and the answer, through the control socket.

import { readFileSync } from 'node:fs';

import type { Argv } from 'yargs';

import type { ApprovalView, ControlReply } from '#control';
import { callControl, controlSocket } from '#control';
import { ConfigError, loadConfig } from '#engine';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption, jsonOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportError } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { harmless, harmlessLines } from '../terminal.ts';

interface CallOptions {
  readonly config: string;
  readonly 'token-file': string | undefined;
  readonly json: boolean;
}

interface AnswerOptions extends CallOptions {
  readonly id: string;
  readonly note: string;
}

export function addApprovals(yargs: Argv, context: CommandContext): void {
  yargs.command('approvals', 'answer statements that are held for approval', (group) => {
    addCommand<CallOptions>(
      group,
      {
        command: 'list',
        describe: 'what waits for your answer, and what you wait for',
        options: callOptions,
        run: list,
      },
      context,
    );
    for (const answer of ['approve', 'deny'] as const) {
      addCommand<AnswerOptions>(
        group,
        {
          command: `${answer} <id>`,
          describe: answer === 'approve' ? 'let the statement go on' : 'refuse the statement',
          options: answerOptions,
          run: (options, terminal) => send(answer, options, terminal),
        },
        context,
      );
    }
    return group.demandCommand(1, 'name what to do: list, approve or deny');
  });
}

const callOptions = (line: Argv) =>
  line
    .option('config', configOption)
    .option('token-file', {
      describe: 'file that holds your API token; else SALLYPORT_TOKEN',
      type: 'string',
      requiresArg: true,
    })
    .option('json', jsonOption);

const answerOptions = (line: Argv) =>
  callOptions(line)
    .positional('id', { describe: 'id of the approval', type: 'string', demandOption: true })
    .option('note', {
      describe: 'why, for the requester and the recording',
      type: 'string',
      default: '',
      requiresArg: true,
    });

async function list(options: CallOptions, terminal: Terminal): Promise<ExitCode> {
  const reply = await call(options, { method: 'GET', path: '/approvals' });
  if (reply.kind !== 'answered') return reportReply(reply, terminal);
  const { approvals } = reply.body as { readonly approvals: readonly ApprovalView[] };
  if (options.json) terminal.json(approvals);
  else if (approvals.length === 0) terminal.err('nothing waits');
  else for (const approval of approvals) describe(approval, terminal);
  return exitCodes.ok;
}

function describe(approval: ApprovalView, terminal: Terminal): void {
  const { requester, requirements, answers } = approval;
  const wanted = requirements.map(
    ({ message, groups, quorum }) => `${message} (${String(quorum)} of ${groups.join(', ')})`,
  );
  const yes = answers.filter((answer) => answer.approve).map((answer) => answer.approver);
  terminal.out(terminal.style('bold', approval.id));
  const [statement = '', ...more] = harmlessLines(approval.statement.trimEnd());
  terminal.out(`  statement  ${statement}`);
  for (const line of more) terminal.out(`             ${line}`);
  terminal.out(`  target     ${approval.target}`);
  terminal.out(`  requester  ${harmless(requester.id)} (${requester.kind})`);
  terminal.out(`  session    ${approval.session}`);
  terminal.out(`  why        ${harmless(wanted.join('; '))}`);
  if (yes.length > 0) terminal.out(`  approved   ${harmless(yes.join(', '))}`);
  terminal.out(`  until      ${approval.expiresAt}`);
  if (!approval.mayAnswer) terminal.out('  yours to answer: no');
}

async function send(
  answer: 'approve' | 'deny',
  options: AnswerOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { id, note } = options;
  const path = `/approvals/${encodeURIComponent(id)}`;
  const reply = await call(options, { method: 'POST', path, body: { answer, note } });
  if (reply.kind !== 'answered') return reportReply(reply, terminal);
  const { settled } = reply.body as { readonly settled: boolean };
  if (options.json) terminal.json(reply.body);
  else terminal.out(settled ? `${words[answer]} ${id}` : `noted; ${id} waits for more people`);
  return exitCodes.ok;
}

const words = { approve: 'approved', deny: 'denied' } as const;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

function call(options: CallOptions, route: Route): Promise<ControlReply> {
  const { state } = loadConfig(options.config);
  return callControl({ ...route, socket: controlSocket(state), token: readToken(options) });
}

/** Never from the command line itself: other users see the arguments of a process. */
function readToken({ 'token-file': file }: CallOptions): string {
  if (file === undefined) {
    const token = process.env['SALLYPORT_TOKEN'] ?? '';
    if (token !== '') return token;
    throw new ConfigError('secret-unreadable', 'there is no token to say who you are', {
      hint: 'give --token-file FILE or set SALLYPORT_TOKEN',
    });
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError('secret-unreadable', `${file}: cannot be read`, { cause });
  }
}

function reportReply(
  reply: Exclude<ControlReply, { readonly kind: 'answered' }>,
  terminal: Terminal,
): ExitCode {
  switch (reply.kind) {
    case 'refused':
      reportError(terminal, reply.error.message, reply.error.hint);
      return exitCodes.failed;
    case 'unreachable':
      reportError(terminal, `no gateway answers: ${reply.why}`, 'start it with sallyport up');
      return exitCodes.unreachable;
  }
}
