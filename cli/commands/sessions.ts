// `sallyport sessions`: what recordings on disk say and whether they are whole. Needs no gateway.

import type { Argv } from 'yargs';

import type { Entry, Verification } from '#engine';
import { verifyRecording } from '#engine';
import { codeOf, recordingsOf, selectedRecordings, stateOf } from '../chosen-recordings.ts';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption, jsonOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError, reportError } from '../failure.ts';
import type { Summary } from '../recordings.ts';
import { forEachEntry, summarize, tellEntry } from '../recordings.ts';
import type { Terminal } from '../terminal.ts';
import { harmless, table } from '../terminal.ts';
import { addExport, addReplay } from './sessions-replay.ts';

interface SessionsOptions {
  readonly config: string;
  readonly json: boolean;
}

interface ListOptions extends SessionsOptions {
  readonly last: number;
}

interface ShowOptions extends SessionsOptions {
  readonly id: string;
}

interface VerifyOptions extends SessionsOptions {
  readonly id: string | undefined;
}

const lastDefault = 50;

const options = (line: Argv) => line.option('config', configOption).option('json', jsonOption);

export function addSessions(yargs: Argv, context: CommandContext): void {
  yargs.command('sessions', 'read and verify recordings', (group) => {
    addCommand<ListOptions>(
      group,
      {
        command: 'list',
        describe: 'who was connected, to what, and what came of it',
        options: (line) =>
          options(line).option('last', {
            describe: 'how many, from the newest back',
            type: 'number',
            default: lastDefault,
            requiresArg: true,
          }),
        run: list,
      },
      context,
    );
    addCommand<ShowOptions>(
      group,
      {
        command: 'show <id>',
        describe: 'every statement of a session with its decision',
        options: (line) =>
          options(line).positional('id', {
            describe: 'id of the session',
            type: 'string',
            demandOption: true,
          }),
        run: show,
      },
      context,
    );
    addCommand<VerifyOptions>(
      group,
      {
        command: 'verify [id]',
        describe: 'prove that nothing in the recordings was altered or removed',
        options: (line) =>
          options(line).positional('id', { describe: 'only this session', type: 'string' }),
        run: verify,
      },
      context,
    );
    addReplay(group, context);
    addExport(group, context);
    return group.demandCommand(1, 'name what to do: list, show, verify, replay or export');
  });
}

/** Names are in no order of time within a day, so whole days are read, from the newest back. */
async function newestOf(config: string, last: number): Promise<readonly Summary[]> {
  const summaries: Summary[] = [];
  let day: string | undefined;
  for (const recording of (await recordingsOf(config)).toReversed()) {
    if (recording.day !== day && summaries.length >= last) break;
    day = recording.day;
    summaries.push(await summarize(recording));
  }
  summaries.sort((one, other) => (one.started < other.started ? -1 : 1));
  return summaries.slice(-last);
}

async function list({ config, last, json }: ListOptions, terminal: Terminal): Promise<ExitCode> {
  if (!Number.isSafeInteger(last) || last < 1) throw new UsageError('--last is no positive number');
  const newest = await newestOf(config, last);
  if (json) {
    terminal.json(newest);
    return exitCodes.ok;
  }
  const rows = newest.map((summary) => [
    summary.session,
    summary.started,
    harmless(summary.principal),
    harmless(summary.target),
    `${summary.statements} statements`,
    `${summary.denied} denied`,
    summary.verification.state,
  ]);
  for (const line of table(rows)) terminal.out(line);
  return exitCodes.ok;
}

async function show({ config, id, json }: ShowOptions, terminal: Terminal): Promise<ExitCode> {
  const [recording] = (await selectedRecordings(config, id, terminal)) ?? [];
  if (recording === undefined) return exitCodes.failed;
  const entries: Entry[] = [];
  const verification = await forEachEntry(recording.file, (entry) => {
    if (json) entries.push(entry);
    else tell(entry, terminal);
  });
  if (json) terminal.json({ session: id, verification, entries });
  else terminal.out(stateOf(id, verification));
  return codeOf([verification]);
}

function tell(entry: Entry, terminal: Terminal): void {
  const { word, style, text, notes } = tellEntry(entry);
  const { at } = entry;
  const time = typeof at === 'number' ? new Date(at).toISOString().slice(11, 23) : '';
  terminal.out(`${time}  ${terminal.style(style, word.padEnd(wordColumns))}  ${text}`.trimEnd());
  const indent = ' '.repeat('00:00:00.000  '.length + wordColumns + 2);
  for (const note of notes) terminal.out(terminal.style('dim', `${indent}${note}`));
}

const wordColumns = 9;

async function verify({ config, id, json }: VerifyOptions, terminal: Terminal): Promise<ExitCode> {
  const recordings = await selectedRecordings(config, id, terminal);
  if (recordings === undefined) return exitCodes.failed;
  const verified: { readonly session: string; readonly verification: Verification }[] = [];
  for (const { session, file } of recordings) {
    verified.push({ session, verification: await verifyRecording(file) });
  }
  if (json)
    terminal.json(verified.map(({ session, verification }) => ({ session, ...verification })));
  else
    for (const { session, verification } of verified) terminal.out(stateOf(session, verification));
  const broken = verified.filter(({ verification }) => verification.state === 'broken').length;
  if (broken > 0) {
    const hint = 'what stands before the first bad line is proven, the rest is not';
    reportError(terminal, `${broken} of ${verified.length} recordings are broken`, hint);
  }
  return codeOf(verified.map(({ verification }) => verification));
}
