// `sallyport sessions replay` and `export`: what a recorded terminal showed, safe to look at.

import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import type { Argv } from 'yargs';

import type { Recording, Verification } from '#engine';
import { terminalReset } from '#hosts/ssh/output';
import { castEvent, castHeader } from '../asciicast.ts';
import { codeOf, selectedRecordings, stateOf } from '../chosen-recordings.ts';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError, reportError } from '../failure.ts';
import type { Frame, Screen } from '../screen-recording.ts';
import { framesOf, screensOf } from '../screen-recording.ts';
import type { Terminal } from '../terminal.ts';
import { harmless } from '../terminal.ts';

interface ShownOptions {
  readonly config: string;
  readonly id: string;
  readonly channel: number | undefined;
}

interface ReplayOptions extends ShownOptions {
  readonly speed: number;
  readonly idle: number;
}

interface ExportOptions extends ShownOptions {
  readonly asciicast: string;
}

const idleSecondsDefault = 2;

const shownOptions = (line: Argv) =>
  line
    .option('config', configOption)
    .positional('id', { describe: 'id of the session', type: 'string', demandOption: true })
    .option('channel', {
      describe: 'which of its channels; else the first terminal, or the first output',
      type: 'number',
      requiresArg: true,
    });

export function addReplay(group: Argv, context: CommandContext): void {
  addCommand<ReplayOptions>(
    group,
    {
      command: 'replay <id>',
      describe: 'show again what the terminal of a session showed',
      options: (line) =>
        shownOptions(line)
          .option('speed', {
            describe: 'how many times as fast',
            type: 'number',
            default: 1,
            requiresArg: true,
          })
          .option('idle', {
            describe: 'seconds that a pause lasts at most',
            type: 'number',
            default: idleSecondsDefault,
            requiresArg: true,
          }),
      run: replay,
    },
    context,
  );
}

export function addExport(group: Argv, context: CommandContext): void {
  addCommand<ExportOptions>(
    group,
    {
      command: 'export <id>',
      describe: 'write it to a file for players of terminal recordings',
      options: (line) =>
        shownOptions(line).option('asciicast', {
          describe: 'a new file, asciicast v2',
          type: 'string',
          demandOption: true,
          requiresArg: true,
        }),
      run: exportCast,
    },
    context,
  );
}

interface Shown {
  readonly recording: Recording;
  readonly screen: Screen;
}

/** What is to be shown; undefined when there is nothing, which is told. */
async function shownOf(
  { config, id, channel }: ShownOptions,
  terminal: Terminal,
): Promise<Shown | undefined> {
  const [recording] = (await selectedRecordings(config, id, terminal)) ?? [];
  if (recording === undefined) return undefined;
  const screens = await screensOf(recording.file);
  const screen =
    channel === undefined
      ? (screens.find(({ isTerminal }) => isTerminal) ?? screens[0])
      : screens.find((one) => one.channel === channel);
  if (screen !== undefined) return { recording, screen };
  const channels = screens.map((one) => one.channel).join(', ');
  const what = channel === undefined ? '' : `channel ${channel} of `;
  reportError(
    terminal,
    `nothing was recorded of the output of ${what}session ${harmless(id)}`,
    channels === '' ? 'sallyport sessions show tells its statements' : `it has ${channels}`,
  );
  return undefined;
}

async function replay(options: ReplayOptions, terminal: Terminal): Promise<ExitCode> {
  const { speed, idle } = options;
  if (!(speed > 0)) throw new UsageError('--speed is no positive number');
  if (!(idle >= 0)) throw new UsageError('--idle is no number of seconds');
  const shown = await shownOf(options, terminal);
  if (shown === undefined) return exitCodes.failed;
  const { recording, screen } = shown;
  const { columns, rows, channel, title } = screen;
  terminal.err(`channel ${channel}, ${columns}x${rows}, ${title}`);
  const stop = new AbortController();
  const interrupt = () => {
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  try {
    let at = screen.startedAt;
    const verification = await forEachFrame(recording, screen, async (frame) => {
      const pause = Math.min((frame.at - at) / speed, idle * 1000);
      at = frame.at;
      if (terminal.isScreen && pause > 0) await wait(pause, undefined, { signal: stop.signal });
      if (frame.kind === 'output') await terminal.write(frame.text);
      stop.signal.throwIfAborted();
    });
    return settled(verification, options.id, terminal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    process.off('SIGINT', interrupt);
    if (terminal.isScreen) await terminal.write(`${terminalReset}\r\n`);
  }
}

async function exportCast(options: ExportOptions, terminal: Terminal): Promise<ExitCode> {
  const shown = await shownOf(options, terminal);
  if (shown === undefined) return exitCodes.failed;
  const { recording, screen } = shown;
  const file = await newFile(options.asciicast);
  try {
    await file.write(castHeader(screen));
    const verification = await forEachFrame(recording, screen, async (frame) => {
      await file.write(castEvent(frame, screen.startedAt));
    });
    return settled(verification, options.id, terminal);
  } finally {
    await file.close();
  }
}

async function newFile(path: string) {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new UsageError(`${harmless(path)} cannot be made: ${code}`, { cause: error });
  }
}

async function forEachFrame(
  { file }: Recording,
  screen: Screen,
  visit: (frame: Frame) => Promise<void>,
): Promise<Verification> {
  const frames = framesOf(file, screen);
  for (;;) {
    const next = await frames.next();
    if (next.done === true) return next.value;
    await visit(next.value);
  }
}

/** What was shown is proven as far as the chain holds; who watched must know where that ends. */
function settled(verification: Verification, id: string, terminal: Terminal): ExitCode {
  if (verification.state === 'broken') {
    const hint = 'what was shown stands before the first bad line and is proven, the rest is not';
    reportError(terminal, stateOf(id, verification), hint);
  }
  return codeOf([verification]);
}
