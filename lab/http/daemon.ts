// A server program of the machine on a port of its own, in a directory of its own; both go when their owner does.

import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Socket, connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { requiredProgram } from '../find-program.ts';
import { freePort } from '../free-port.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const startMsMax = 10_000;
const portAttempts = 3;

export interface Place {
  /** Mode 0700, removed with the daemon. */
  readonly directory: string;
  /** On 127.0.0.1. */
  readonly port: number;
}

export interface DaemonOptions {
  readonly program: string;
  readonly debianPackage: string;
  /** Writes the configuration; answers the arguments that keep the program in the foreground. */
  readonly configure: (place: Place) => Promise<readonly string[]>;
}

export interface Daemon extends Place, AsyncDisposable {
  readonly host: '127.0.0.1';
  /** Of the program itself; its workers are its children. */
  readonly pid: number;
  /** File with all that it wrote to its standard outputs. */
  readonly logFile: string;
  readonly stop: () => Promise<void>;
}

type Keeper = ChildProcessByStdio<Writable, Readable, null>;

// Its standard input is a pipe that only we hold open: the kernel closes it even after `kill -9`. It is the
// program's parent, so the program's pid is not reused before the shell has seen it end. It ignores
// no signal before the program runs, which would inherit that; in a session of its own it gets none from a
// terminal. Nobody may be left to read what it says.
const script = `
directory=$1
shift
exec 3<&0
"$@" >"$directory/log" 2>&1 </dev/null 3<&- &
program=$!
trap '' PIPE
{ cat <&3 >/dev/null; [ -e "$directory/ended" ] || kill -TERM "$program"; } 2>/dev/null &
reader=$!
echo "$program"
wait "$program"
: >"$directory/ended"
echo ended
wait "$reader"
rm -rf "$directory"`;

/** Resolves when the port accepts connections. Throws with the program's own words when it does not come to that. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const program = requiredProgram(options.program, options.debianPackage);
  for (let attempt = 1; ; attempt += 1) {
    const { path: directory } = await temporaryDirectory(`sallyport-${options.program}-`);
    const place = { directory, port: await freePort() };
    const args = await options.configure(place);
    const keeper = spawn('/bin/sh', ['-c', script, 'sh', directory, program, ...args], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const logFile = join(directory, 'log');
    const stop = stopper(keeper);
    const pid = await started(keeper, place.port);
    if (pid !== undefined) {
      letGo(keeper);
      return { ...place, host: '127.0.0.1', pid, logFile, stop, [Symbol.asyncDispose]: stop };
    }
    const said = await readFile(logFile, 'utf8').catch(() => '');
    await stop();
    if (attempt === portAttempts || !/in use|cannot bind/i.test(said)) {
      throw new Error(`${options.program} does not accept connections:\n${said}`);
    }
  }
}

function stopper(keeper: Keeper): () => Promise<void> {
  const gone = once(keeper, 'exit');
  gone.catch(() => undefined);
  return async () => {
    keeper.ref();
    keeper.stdin.end();
    await gone;
  };
}

/** The program's pid as soon as it accepts connections; undefined when it ends instead, or takes too long. */
async function started(keeper: Keeper, port: number): Promise<number | undefined> {
  const said: string[] = [];
  createInterface(keeper.stdout).on('line', (line) => said.push(line));
  const deadline = Date.now() + startMsMax;
  while (Date.now() < deadline) {
    const [pid, ended] = said;
    if (ended !== undefined) return undefined;
    if (pid !== undefined && (await accepts(port))) return Number(pid);
    await delay(10);
  }
  return undefined;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A program that forgets to stop its servers still ends, and they with it. */
function letGo(keeper: Keeper): void {
  keeper.unref();
  for (const stream of [keeper.stdin, keeper.stdout]) if (stream instanceof Socket) stream.unref();
}
