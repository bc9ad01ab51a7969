// Runs a program to its end and keeps what it said, whatever its exit code.

import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** Less than a test may take: a program that hangs fails its test and does not outlive it. */
const runMsMax = 40_000;

export interface ProgramResult {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly pid: number;
  readonly signal: (name: NodeJS.Signals) => void;
  /** Resolves as soon as it has written the text to one of its outputs; rejects when it ends without. */
  readonly says: (text: string) => Promise<void>;
  /** Both outputs so far. */
  readonly said: () => string;
  readonly result: Promise<ProgramResult>;
}

export function startProgram(
  path: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly input?: string },
): RunningProgram {
  const { input = '', ...rest } = options;
  const child = spawn(path, args, {
    ...rest,
    stdio: 'pipe',
    timeout: runMsMax,
    killSignal: 'SIGKILL',
  });
  // A program that ends without reading its input is judged by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const output = { stdout: '', stderr: '' };
  const written = new EventEmitter<{ more: [] }>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
      written.emit('more');
    });
  }
  const over = new AbortController();
  const closed = once(child, 'close') as Promise<[number | null]>;
  const result = closed.then(([code]) => {
    over.abort();
    return { code, ...output };
  });
  const says = async (text: string): Promise<void> => {
    while (!Object.values(output).some((each) => each.includes(text))) {
      await once(written, 'more', over);
    }
  };
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    says,
    said: () => output.stdout + output.stderr,
    result,
  };
}

export const runProgram = (...program: Parameters<typeof startProgram>): Promise<ProgramResult> =>
  startProgram(...program).result;

/** Its standard output; throws with what it complained of unless it ended with 0. */
export async function runToSuccess(...program: Parameters<typeof startProgram>): Promise<string> {
  const { code, stdout, stderr } = await runProgram(...program);
  if (code !== 0) throw new Error(`${program[0]} ended with ${code ?? 'a signal'}: ${stderr}`);
  return stdout;
}
