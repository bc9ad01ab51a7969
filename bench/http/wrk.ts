// Runs wrk, the load generator that everyone knows, and reads what it measured.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('wrk.lua', import.meta.url));
const graceMs = 15_000;

export interface WrkRun {
  readonly program: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

export interface WrkResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One thread, keep-alive. Throws when an answer was an error or did not come. */
export async function wrk(options: WrkRun): Promise<WrkResult> {
  const headers = Object.entries(options.headers).flatMap(([name, value]) => [
    '-H',
    `${name}: ${value}`,
  ]);
  const args = [
    ...['-t1', `-c${options.connections}`, `-d${options.seconds}s`, '--timeout=10s'],
    ...['-s', script, ...headers, options.url],
  ];
  const timeout = options.seconds * 1000 + graceMs;
  const { stdout } = await run(options.program, args, { timeout });
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const { microseconds, errors, ...rest } = JSON.parse(line) as Omit<WrkResult, 'seconds'> & {
    readonly microseconds: number;
    readonly errors: number;
  };
  if (errors > 0) throw new Error(`wrk counts ${errors} errors:\n${stdout}`);
  return { ...rest, seconds: microseconds / 1e6 };
}
