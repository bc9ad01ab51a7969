// The client programs: how each is started, and what of it the table names.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { findProgram } from '#lab';

const run = promisify(execFile);
const programs = join(import.meta.dirname, 'programs');
const pgjdbc = '/usr/share/java/postgresql.jar';
/** A first build fetches and compiles everything. */
const buildMsMax = 300_000;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Harness {
  readonly name: string;
  /** As the table names the client, before its version. */
  readonly client: string;
  /** Makes it ready in a directory of its own; a text says what the machine lacks. */
  readonly prepare: (directory: string) => Promise<Command | string>;
}

const ofNode = (name: string, client: string, needs?: string): Harness => ({
  name,
  client,
  prepare: () => {
    if (needs !== undefined && findProgram(needs) === null) return Promise.resolve(`no ${needs}`);
    return Promise.resolve({ file: process.execPath, args: [join(programs, `${name}.ts`)] });
  },
});

/** The interpreter of the system: another one would not see the modules that Debian's packages bring. */
const python = '/usr/bin/python3';

const ofPython = (name: string, client: string): Harness => ({
  name,
  client,
  prepare: async () => {
    try {
      await run(python, ['-c', `import ${name}`]);
    } catch {
      return `no ${name} for ${python}`;
    }
    return { file: python, args: ['-B', join(programs, `with_${name}.py`)] };
  },
});

async function prepareJdbc(directory: string): Promise<Command | string> {
  if (!existsSync(pgjdbc)) return `no ${pgjdbc}`;
  const [javac, java] = [findProgram('javac'), findProgram('java')];
  if (javac === null || java === null) return 'no JDK';
  await run(javac, ['-cp', pgjdbc, '-d', directory, join(programs, 'Jdbc.java')]);
  return { file: java, args: ['-cp', `${pgjdbc}:${directory}`, 'Jdbc'] };
}

async function preparePgx(directory: string): Promise<Command | string> {
  const go = findProgram('go');
  if (go === null) return 'no go';
  const file = join(directory, 'pgx');
  await run(go, ['build', '-o', file, '.'], { cwd: join(programs, 'pgx'), timeout: buildMsMax });
  return { file, args: [] };
}

export const harnesses: readonly Harness[] = [
  ofNode('psql', 'psql (libpq)', 'psql'),
  ofPython('psycopg', 'psycopg 3 (libpq)'),
  ofPython('psycopg2', 'psycopg2 (libpq)'),
  ofPython('asyncpg', 'asyncpg'),
  ofPython('sqlalchemy', 'SQLAlchemy'),
  ofNode('node-postgres', 'node-postgres'),
  ofNode('postgres-js', 'postgres.js'),
  { name: 'jdbc', client: 'pgjdbc', prepare: prepareJdbc },
  { name: 'pgx', client: 'pgx', prepare: preparePgx },
];
