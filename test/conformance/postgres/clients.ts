// Runs a client program to its end past the gateway and through it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

import { temporaryDirectory } from '#lab';
import { corpus, malformed } from '../../support/corpus.ts';
import type { TestGateway } from '../../support/gateway.ts';
import type { Answers, Difference } from './answers.ts';
import { answersIn, differencesOf } from './answers.ts';
import type { Command, Harness } from './harness.ts';

/** The slowest, pgjdbc, takes half a minute on two busy cores. */
const runMsMax = 120_000;
const statements = [...corpus, ...malformed];

export interface ClientOutcome {
  readonly name: string;
  readonly client: string;
  readonly version: string;
  readonly modes: readonly string[];
  readonly cases: number;
  readonly differences: readonly Difference[];
}

export interface Missing {
  readonly name: string;
  readonly client: string;
  readonly missing: string;
}

async function answersOf({ file, args }: Command, env: NodeJS.ProcessEnv): Promise<Answers> {
  const child = spawn(file, args, { env, stdio: 'pipe', timeout: runMsMax, killSignal: 'SIGKILL' });
  child.stdin.on('error', () => undefined);
  child.stdin.end(statements.join('\0'));
  const exit = once(child, 'close') as Promise<[number | null]>;
  const [output, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    exit,
  ]);
  const answers = answersIn(output);
  if (code === 0) return answers;
  const answer = { code, complaint: complaint.slice(-2000) };
  return { ...answers, told: [...answers.told, { mode: 'program', case: 'its end', answer }] };
}

export async function runClient(
  { name, client, prepare }: Harness,
  gateway: TestGateway,
): Promise<ClientOutcome | Missing> {
  await using directory = await temporaryDirectory('sallyport-conformance-');
  const command = await prepare(directory.path);
  if (typeof command === 'string') return { name, client, missing: command };
  const direct = await answersOf(command, gateway.environment('direct'));
  const through = await answersOf(command, gateway.environment());
  const broken = direct.told.find(({ mode }) => mode === 'program');
  if (broken !== undefined) {
    return { name, client, missing: `fails by itself: ${JSON.stringify(broken.answer)}` };
  }
  return {
    ...{ name, client, version: direct.version, cases: direct.told.length },
    modes: [...new Set(direct.told.map(({ mode }) => mode))],
    differences: differencesOf(direct, through),
  };
}
