// `sallyport up` as a process of its own: its operator log as values, its death on command.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../bin/sallyport', import.meta.url));
const stopMsMax = 30_000;
const eventMsMax = 30_000;
const linesKept = 10_000;

/** One line of the operator log: its `event` and fields. */
export type LogLine = Readonly<Record<string, unknown>>;

interface LineEvents {
  line: [LogLine];
}

/** Started with `GatewayProcess.start`; dies with the process that started it, if that ends by itself. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  readonly #lines: LogLine[] = [];
  readonly #arrivals = new EventEmitter<LineEvents>();
  #unstructured = '';

  private constructor(configFile: string, environment: NodeJS.ProcessEnv) {
    this.#arrivals.setMaxListeners(0);
    this.#child = spawn(command, ['up', '--config', configFile], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const end = (): void => void this.#child.kill('SIGKILL');
    process.on('exit', end);
    this.#child.once('exit', () => process.off('exit', end));
    if (this.#child.stderr === null) throw new Error('no pipe from the gateway');
    createInterface(this.#child.stderr).on('line', (text) => {
      this.#take(text);
    });
  }

  /**
   * Resolves when the gateway is ready; rejects with what it said when it ends instead.
   *
   * @param environment Beside this process's own.
   */
  static async start(
    configFile: string,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(configFile, environment);
    const over = new AbortController();
    const ended = once(gateway.#child, 'exit', { signal: over.signal }).then(() => {
      throw new Error(`the gateway ended while it started; it said:\n${gateway.said()}`);
    });
    try {
      await Promise.race([gateway.logged(({ event }) => event === 'ready'), ended]);
    } catch (error) {
      await gateway.kill();
      throw error;
    } finally {
      ended.catch(() => undefined);
      over.abort();
    }
    return gateway;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The operator log so far, oldest first; a position in it is a mark for `logged`. */
  get log(): readonly LogLine[] {
    return this.#lines;
  }

  /** All that it wrote to stderr, for a failure's message. */
  said(): string {
    const structured = this.#lines.slice(-50).map((line) => JSON.stringify(line));
    return [...structured, this.#unstructured].join('\n');
  }

  /** The first line that fits, at or behind position `from`, as soon as it is there. */
  async logged(fits: (line: LogLine) => boolean, from = 0): Promise<LogLine> {
    const signal = AbortSignal.timeout(eventMsMax);
    for (let next = from; ; next += 1) {
      try {
        while (next >= this.#lines.length) await once(this.#arrivals, 'line', { signal });
      } catch (cause) {
        throw new Error(`nothing such was logged; the gateway said:\n${this.said()}`, { cause });
      }
      const line = this.#lines[next];
      if (line !== undefined && fits(line)) return line;
    }
  }

  /** At once, as a crash of the machine's power supply would; resolves when the process is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The orderly way; answers with the exit code. */
  async stop(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMsMax);
    await this.#end('SIGTERM');
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#hasExited()) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }

  #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #take(text: string): void {
    const line = parseLine(text);
    if (line === undefined) {
      this.#unstructured = `${this.#unstructured}${text}\n`.slice(-20_000);
      return;
    }
    if (this.#lines.length >= linesKept) throw new Error('the gateway logs without end');
    this.#lines.push(line);
    this.#arrivals.emit('line', line);
  }
}

function parseLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
