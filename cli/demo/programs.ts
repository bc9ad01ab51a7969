// Sallyport's own commands as processes: the gateway, and what people type in other terminals.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const eventMilliseconds = 30_000;

export interface CommandResult {
  readonly code: number | null;
  /** What it printed, both outputs in order of arrival. */
  readonly text: string;
}

/** Runs one command to its end. */
export async function runCommand(args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, nodeArguments(args), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const take = (chunk: Buffer) => {
    text += chunk.toString('utf8');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  await once(child, 'close');
  return { code: child.exitCode, text: text.trimEnd() };
}

const nodeArguments = (args: readonly string[]) => [
  '--disable-warning=ExperimentalWarning',
  main,
  ...args,
];

/** One line of the operator log. */
export type LogLine = Readonly<Record<string, unknown>>;

interface Events {
  line: [LogLine];
  exit: [];
}

export class Gateway {
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter<Events>();
  readonly #lines: LogLine[] = [];
  #said = '';

  private constructor(config: string, logFile: string) {
    // In a process group of its own, a Ctrl-C is for the demo alone, which then ends the gateway in order.
    const child = spawn(process.execPath, nodeArguments(['up', '--config', config]), {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    this.#child = child;
    const log = createWriteStream(logFile, { mode: 0o600 });
    createInterface(child.stderr).on('line', (text) => {
      log.write(`${text}\n`);
      this.#said = `${this.#said}${text}\n`.slice(-4000);
      if (!text.startsWith('{')) return;
      const line = JSON.parse(text) as LogLine;
      this.#lines.push(line);
      this.#events.emit('line', line);
    });
    child.on('exit', () => {
      log.end();
      this.#events.emit('exit');
    });
  }

  /** Resolves when it listens; rejects with what it said when it ends instead. */
  static async start(config: string, logFile: string): Promise<Gateway> {
    const gateway = new Gateway(config, logFile);
    try {
      await gateway.logged('ready', 0);
      return gateway;
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  /** How many lines there are: a mark for `logged`. */
  get mark(): number {
    return this.#lines.length;
  }

  /** The first line with this event at or behind the mark, as soon as it is there. */
  async logged(event: string, mark: number): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const fail = () => {
      reject(new Error(`the gateway logged no '${event}'; it said:\n${this.#said}`));
    };
    const take = (line: LogLine) => {
      if (line['event'] === event) resolve(line);
    };
    const timer = setTimeout(fail, eventMilliseconds);
    this.#events.on('line', take);
    this.#events.on('exit', fail);
    for (const line of this.#lines.slice(mark)) take(line);
    if (this.#hasExited()) fail();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#events.off('line', take);
      this.#events.off('exit', fail);
    }
  }

  /** In order, at once where that takes too long. */
  async stop(): Promise<void> {
    if (this.#hasExited()) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(timer);
  }

  /** For an end that leaves no time. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
