// Threads that end in the middle of their work, loads beside loads and decisions, and caches that lie.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';

import { Compiler } from '../../../engine/policy/index.ts';
import type { Arena, Subject } from './arena.ts';
import type { Fault } from './fault.ts';
import { demand, fault } from './fault.ts';
import { asking, rego } from './questions.ts';

const denying = (command: string) =>
  rego('fault', `deny contains "no ${command}" if input.statement.command == "${command}"`);

/** Ends the next thread that starts. */
function endNext(): Promise<void> {
  return new Promise((resolve) => {
    const end = (message: unknown): void => {
      unsubscribe('worker_threads', end);
      const { worker } = message as { readonly worker: Worker };
      // It is still being made.
      setImmediate(() => {
        void worker.terminate().then(() => {
          resolve();
        });
      });
    };
    subscribe('worker_threads', end);
  });
}

async function endsImage(arena: Arena): Promise<void> {
  const files = [denying('IMAGE')];
  await arena.compiled(files);
  const subject = await arena.shared('threads');
  const ended = endNext();
  await subject.refuses(files, /ended unexpectedly/);
  await ended;
  await takes(subject, 'IMAGE');
}

async function endsToolchain(arena: Arena): Promise<void> {
  await using compiler = closing(new Compiler());
  const subject = await arena.subject({ compiler: compiler.value });
  await compiler.value.close();
  const ended = endNext();
  await subject.refuses([denying('TOOLCHAIN')], /ended unexpectedly/);
  await ended;
  await takes(subject, 'TOOLCHAIN');
}

async function isLate(arena: Arena): Promise<void> {
  await using compiler = closing(new Compiler({ requestMilliseconds: 1 }));
  const subject = await arena.subject({
    compiler: {
      compile: (files) => (files.length === 1 ? arena.compiler : compiler.value).compile(files),
      test: (files) => arena.compiler.test(files),
    },
  });
  await subject.refuses([denying('LATE')], /did not answer within 1 ms/);
}

const closing = (value: Compiler) => ({ value, [Symbol.asyncDispose]: () => value.close() });

/** The next load is right again. */
async function takes(subject: Subject, command: string): Promise<void> {
  const { kind } = await subject.load([denying(command)]);
  demand(kind === 'loaded', `afterwards a good bundle is ${kind}`);
  subject.answers(asking({ command }), 'deny rule-deny 0');
}

/** The first of two loads takes longer. */
async function overtakes(arena: Arena): Promise<void> {
  const subject = await arena.subject({
    compiler: {
      compile: async (files) => {
        if (files.some(({ text }) => text.includes('FIRST'))) {
          await arena.compiled([denying('WAITING')]);
        }
        return arena.compiler.compile(files);
      },
      test: (files) => arena.compiler.test(files),
    },
  });
  await arena.compiled([denying('SECOND')]);
  await Promise.all([subject.load([denying('FIRST')]), subject.load([denying('SECOND')])]);
  subject.answers(asking({ command: 'SECOND' }), 'deny rule-deny 0');
  subject.answers(asking({ command: 'FIRST' }), 'allow rule-allow 0');
}

async function manyAtOnce(arena: Arena): Promise<void> {
  const subject = await arena.subject();
  const commands = Array.from({ length: 20 }, (_, index) => `C${index}`);
  let loading = true as boolean;
  const loads = Promise.all(commands.map((command) => subject.load([denying(command)])));
  void loads.finally(() => {
    loading = false;
  });
  while (loading) {
    subject.isRight();
    await new Promise(setImmediate);
  }
  await loads;
  subject.answers(asking({ command: 'C19' }), 'deny rule-deny 0');
}

async function failsBetween(arena: Arena): Promise<void> {
  const subject = await arena.subject();
  const broken = rego('fault', 'deny contains');
  const outcomes = await Promise.all(
    [[denying('ONE')], [broken], [denying('TWO')]].map((files) => subject.load(files)),
  );
  const kinds = outcomes.map(({ kind }) => kind).join(' ');
  demand(kinds === 'loaded rejected loaded', kinds);
  subject.answers(asking({ command: 'TWO' }), 'deny rule-deny 0');
}

/** What was compiled is damaged before a new process, hence a new compiler, finds it. */
async function damagesCache(
  arena: Arena,
  damage: (directory: string, entries: readonly string[]) => void,
): Promise<void> {
  const directory = join(arena.directory, `cache-${readdirSync(arena.directory).length}`);
  await using first = closing(new Compiler({ cacheDirectory: directory }));
  const writer = await arena.subject({ compiler: first.value });
  await takes(writer, 'CACHED');
  damage(directory, readdirSync(directory));
  await using second = closing(new Compiler({ cacheDirectory: directory }));
  await takes(await arena.subject({ compiler: second.value }), 'CACHED');
}

function swapFiles(directory: string, entries: readonly string[]): void {
  const [one = '', other = ''] = entries.map((name) => join(directory, name));
  demand(entries.length === 2, 'two entries were due');
  renameSync(one, `${one}.kept`);
  renameSync(other, one);
  renameSync(`${one}.kept`, other);
}

const each =
  (change: (path: string) => void) => (directory: string, entries: readonly string[]) => {
    for (const name of entries) change(join(directory, name));
  };

function flipLast(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length - 1;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
}

/** Nothing can be written where the cache should be, by whoever it is. */
async function blocksCache(arena: Arena): Promise<void> {
  const blocked = join(arena.directory, 'blocked');
  writeFileSync(blocked, 'a file');
  await using compiler = closing(new Compiler({ cacheDirectory: join(blocked, 'compiled') }));
  await takes(await arena.subject({ compiler: compiler.value }), 'BLOCKED');
}

export const threadFaults: readonly Fault[] = [
  fault('thread', 'the thread that loads a policy ends', endsImage),
  fault('thread', 'the toolchain ends while it compiles', endsToolchain),
  fault('thread', 'the toolchain is late', isLate),
  fault('loads', 'a load that overtakes another', overtakes),
  fault('loads', 'twenty loads at once, with decisions between them', manyAtOnce),
  fault('loads', 'a bad bundle between two good ones', failsBetween),
  fault('cache', 'entries cut short', (arena) =>
    damagesCache(
      arena,
      each((path) => truncateSync(path, 1000)),
    ),
  ),
  fault('cache', 'empty entries', (arena) =>
    damagesCache(
      arena,
      each((path) => truncateSync(path, 0)),
    ),
  ),
  fault('cache', 'entries with one bit changed', (arena) => damagesCache(arena, each(flipLast))),
  fault('cache', 'entries under the names of others', (arena) => damagesCache(arena, swapFiles)),
  fault('cache', 'entries that cannot be read', (arena) =>
    damagesCache(
      arena,
      each((path) => {
        renameSync(path, `${path}.away`);
        mkdirSync(path);
      }),
    ),
  ),
  fault('cache', 'a cache that cannot be written', blocksCache),
];
