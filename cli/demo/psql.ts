// psql, driven through its standard input as a person would type.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import type { Client, ClientOptions, ClientReply, ClientSession } from './client-session.ts';
import type { Person } from './people.ts';
import { gatewayName } from './workspace.ts';

const replyMilliseconds = 30_000;

export function psqlClient(program: string, options: ClientOptions): Client {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const version = /\d+(\.\d+)*/.exec(stdout)?.[0] ?? '';
  return {
    name: `psql ${version}`.trim(),
    connect: (person) => PsqlSession.connect(program, person, options),
  };
}

class PsqlSession implements ClientSession {
  readonly #child: ChildProcessWithoutNullStreams;
  #shown = '';
  #count = 0;
  #onShown: () => void = () => undefined;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    const take = (chunk: Buffer) => {
      this.#shown += chunk.toString('utf8');
      this.#onShown();
    };
    child.stdout.on('data', take);
    child.on('exit', () => {
      this.#onShown();
    });
    // A psql that ended tells so by its exit, not by the pipe.
    child.stdin.on('error', () => undefined);
  }

  static async connect(
    program: string,
    person: Person,
    options: ClientOptions,
  ): Promise<ClientSession> {
    // One pipe for both of psql's outputs keeps what it shows in order.
    const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', program, '--no-psqlrc'], {
      env: environment(person, options),
    });
    await once(child, 'spawn');
    const session = new PsqlSession(child);
    const { text, sqlstate } = await session.run('\\set VERBOSITY default');
    if (sqlstate !== '00000') throw new Error(`psql does not connect: ${text}`);
    return session;
  }

  async run(sql: string, onText: (text: string) => void = () => undefined): Promise<ClientReply> {
    this.#count += 1;
    const end = new RegExp(`^-- end of ${String(this.#count)} (\\S+)\\n`, 'm');
    this.#shown = '';
    this.#child.stdin.write(`${sql}\n\\echo -- end of ${String(this.#count)} :SQLSTATE\n`);
    const { promise, resolve, reject } = Promise.withResolvers<ClientReply>();
    const timer = setTimeout(() => {
      reject(new Error(`psql does not answer; it showed:\n${this.#shown}`));
    }, replyMilliseconds);
    this.#onShown = () => {
      onText(this.#shown);
      const found = end.exec(this.#shown);
      if (found !== null) {
        // Before its first statement psql knows no SQLSTATE and prints the variable's name.
        const sqlstate = found[1] === ':SQLSTATE' ? '00000' : (found[1] ?? '');
        resolve({ text: this.#shown.slice(0, found.index).trimEnd(), sqlstate });
      } else if (this.#child.exitCode !== null) {
        reject(new Error(`psql ended; it showed:\n${this.#shown}`));
      }
    };
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#onShown = () => undefined;
    }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2000);
    await exit;
    clearTimeout(timer);
  }
}

function connectionVariables(person: Person, { port, ca, database }: ClientOptions) {
  return {
    PGHOST: gatewayName,
    PGHOSTADDR: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: person.name,
    PGPASSWORD: person.token,
    PGDATABASE: database,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: ca,
  };
}

/** Only these: variables of the machine, such as PGSERVICE, would lead elsewhere. */
function environment(person: Person, options: ClientOptions): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(own), ...connectionVariables(person, options), PAGER: '' };
}
