// Runs pgbench and reads what it measured.

import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '#lab';
import { percentile } from '../statistics.ts';

const run = promisify(execFile);
const outputBytesMax = 16 * 1024 * 1024;
/** A log line for each transaction would be a good part of what is measured. */
const loggedShare = 0.2;

export const protocols = ['simple', 'extended', 'prepared'] as const;

export interface PgbenchRun {
  readonly program: string;
  /** PGHOST, PGPORT, PGUSER, …: where to. */
  readonly environment: NodeJS.ProcessEnv;
  readonly protocol: (typeof protocols)[number];
  readonly clients: number;
  readonly seconds: number;
  /** A file of statements; the built-in select-only script, one statement a transaction, unless given. */
  readonly script?: string;
}

export interface PgbenchResult {
  readonly transactions: number;
  /** Without the time to connect. */
  readonly tps: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export async function pgbench(options: PgbenchRun): Promise<PgbenchResult> {
  await using directory = await temporaryDirectory('sallyport-pgbench-');
  const { stdout } = await pgbenchCommand(options.program, options.environment, [
    ...['-n', '-M', options.protocol],
    ...(options.script === undefined ? ['-S'] : ['-f', options.script]),
    ...['-c', String(options.clients), '-j', '1', '-T', String(options.seconds)],
    ...['-l', `--log-prefix=${join(directory.path, 'log')}`, `--sampling-rate=${loggedShare}`],
  ]);
  const transactions = numberIn(stdout, /transactions actually processed: (\d+)/);
  if (numberIn(stdout, /failed transactions: (\d+)/) > 0) throw new Error(stdout);
  const latencies = await readLatencies(directory.path);
  return {
    transactions,
    tps: numberIn(stdout, /tps = ([\d.]+) \(without/),
    p50Us: percentile(latencies, 0.5),
    p99Us: percentile(latencies, 0.99),
  };
}

export async function initialise(
  program: string,
  environment: NodeJS.ProcessEnv,
  scale: number,
): Promise<void> {
  await pgbenchCommand(program, environment, ['-i', '-q', '-s', String(scale)]);
}

async function pgbenchCommand(
  program: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): Promise<{ readonly stdout: string }> {
  try {
    return await run(program, args, { env, maxBuffer: outputBytesMax });
  } catch (cause) {
    const { stderr = '' } = cause as { readonly stderr?: string };
    throw new Error(`pgbench ${args.join(' ')} failed: ${stderr}`, { cause });
  }
}

function numberIn(text: string, pattern: RegExp): number {
  const [, digits] = pattern.exec(text) ?? [];
  if (digits === undefined) throw new Error(`pgbench did not say ${String(pattern)}:\n${text}`);
  return Number(digits);
}

/** Sorted. Lines are `client transaction latency-in-µs script epoch µs`. */
async function readLatencies(directory: string): Promise<Float64Array> {
  const names = await readdir(directory);
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return Float64Array.from(lines, (line) => Number(line.split(' ')[2])).sort();
}
