// OPA's own evaluator in Go, as a process: the same Rego, the same resolver, whole input documents as JSON text.

import type { ChildProcessByStdio } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { inputDocument } from '#engine';
import type { Question } from './questions.ts';
import { collectedModule, regoFiles } from './rego.ts';
import type { Rule } from './rules.ts';
import type { Answers, Subject, Verdict } from './subject.ts';

const sources = fileURLToPath(new URL('./opa-go', import.meta.url));
const resolver = fileURLToPath(new URL('../../policies/lib', import.meta.url));

type OpaGo = Subject & AsyncDisposable;

export interface OpaGoOptions {
  /** Where the program is built. */
  readonly directory: string;
  readonly say: (line: string) => void;
}

/**
 * Builds the program and gives it the rules; `undefined`, said with its cause, when there is no Go or its module cache has no
 * OPA of this version: nothing is downloaded.
 */
export async function startOpaGo(
  rules: readonly Rule[],
  { directory, say }: OpaGoOptions,
): Promise<OpaGo | undefined> {
  const program = join(directory, 'opa-go');
  const env = { ...process.env, GOPROXY: 'off', GOWORK: 'off', GOFLAGS: '-mod=readonly' };
  try {
    const build = ['build', '-buildvcs=false', '-o', program, '.'];
    await promisify(execFile)('go', build, { cwd: sources, env });
  } catch (error) {
    say(`opa_go is missing: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  send(child, await modulesOf(rules));
  return {
    name: 'opa_go',
    ask: async (questions) => {
      send(child, questions.map(inputOf));
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the peer opa_go ended');
      return answersOf(value);
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

function send(child: ChildProcessByStdio<Writable, Readable, null>, message: object): void {
  child.stdin.write(`${JSON.stringify(message)}\n`);
}

/** Module name → text: the author's packages, the resolver, and the glue between them. */
async function modulesOf(rules: readonly Rule[]): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(resolver);
  const shipped = names.filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'));
  const read = async (name: string) =>
    [`lib/${name}`, await readFile(join(resolver, name), 'utf8')] as const;
  return {
    ...Object.fromEntries(regoFiles(rules).map(({ path, text }) => [path, text])),
    ...Object.fromEntries(await Promise.all(shipped.map(read))),
    'lib/collected.rego': collectedModule(rules),
  };
}

const inputOf = ({ statement, session, at }: Question, index: number): object => ({
  nonce: `n-${index.toString(36)}`,
  ...inputDocument(statement, session, at),
});

function answersOf(line: string): Answers {
  const { verdicts, micros } = JSON.parse(line) as { verdicts: Verdict[]; micros: number[] };
  return { verdicts, micros: Float64Array.from(micros) };
}
