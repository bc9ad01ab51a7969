import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  createCertificateAuthority,
  findProgram,
  startPostgres,
  temporaryDirectory,
  writeCertificates,
} from '#lab';
import type { PostgresServer, TemporaryDirectory } from '#lab';

/** A zombie, which an init that does not reap leaves behind, has ended. */
async function lives(processId: number): Promise<boolean> {
  try {
    process.kill(processId, 0);
    return !/^State:\s*Z/m.test(await readFile(`/proc/${processId}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).path !== undefined && process.platform !== 'linux';
  }
}

/** The watchdog removes the directory after the process is gone, so its removal is the event to wait for. */
async function removal(path: string): Promise<void> {
  const events = watch(tmpdir());
  try {
    while (existsSync(path)) await once(events, 'change');
  } finally {
    events.close();
  }
}

describe('startPostgres', () => {
  const authority = createCertificateAuthority('lab');
  let directory: TemporaryDirectory;
  let server: PostgresServer;
  let tls: Awaited<ReturnType<typeof writeCertificates>>;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    const issued = authority.issue({ commonName: 'db', dns: ['localhost'] });
    tls = await writeCertificates(directory.path, 'db', issued, authority);
    server = await startPostgres({
      tls,
      users: [{ name: "o'gateway", password: "it's \\ secret" }],
      database: 'shop',
      settings: { application_name: 'a name, quoted' },
      logStatements: true,
      setup: [
        'CREATE TABLE users (id int, email text); INSERT INTO users VALUES (1, $$a@b$$)',
        'GRANT SELECT ON users TO PUBLIC',
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
    await directory.remove();
  });

  const login = (ssl: pg.ClientConfig['ssl'], password = "it's \\ secret") =>
    new pg.Client({
      host: 'localhost',
      port: server.port,
      user: "o'gateway",
      password,
      database: 'shop',
      ssl: ssl ?? false,
    });

  it('is PostgreSQL 18, reached over verified TLS with a password', async () => {
    const client = login({ ca: authority.certificatePem, rejectUnauthorized: true });
    await client.connect();
    const { rows } = await client.query<{ email: string; version: string; ssl: boolean }>(
      `SELECT email, current_setting('server_version') AS version, ssl
       FROM users, pg_stat_ssl WHERE pid = pg_backend_pid()`,
    );
    await client.end();
    expect(rows).toMatchObject([{ email: 'a@b', ssl: true }]);
    expect(rows[0]?.version).toMatch(/^18\./);
  });

  it('refuses TCP without TLS, and a wrong password', async () => {
    await expect(login(false).connect()).rejects.toThrow('no encryption');
    const ssl = { ca: authority.certificatePem };
    await expect(login(ssl, 'guess').connect()).rejects.toThrow('password authentication failed');
  });

  it('runs SQL as superuser and logs each statement', async () => {
    expect(await server.query('SHOW application_name', 'postgres')).toHaveLength(1);
    await server.query("SELECT 'seen in the log'");
    expect(await readFile(server.logFile, 'utf8')).toContain("SELECT 'seen in the log'");
  });

  it('says why it cannot start', async () => {
    await expect(startPostgres({ port: server.port })).rejects.toThrow('could not bind');
    await expect(startPostgres({ settings: { no_such: '1' } })).rejects.toThrow('no_such');
  });

  it('leaves no process and no file when stopped, however often', async () => {
    await using other = await startPostgres();
    await other.stop();
    await other.stop();
    expect(await lives(other.processId)).toBe(false);
    expect(existsSync(other.directory)).toBe(false);
  });

  it('ends with the process that started it, even when that one is killed', async () => {
    const lab = fileURLToPath(new URL('../../lab/index.ts', import.meta.url));
    const script = `
      const { startPostgres } = await import(${JSON.stringify(lab)});
      const { processId, directory } = await startPostgres();
      console.log(JSON.stringify({ processId, directory }));
      setInterval(() => undefined, 1e6);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const started = JSON.parse(line.toString()) as { processId: number; directory: string };
    expect(await lives(started.processId)).toBe(true);
    parent.kill('SIGKILL');
    await removal(started.directory);
    expect(await lives(started.processId)).toBe(false);
  });
});

describe('findProgram', () => {
  it('finds what the machine has and admits what it has not', () => {
    expect(findProgram('sh')).toMatch(/\/sh$/);
    expect(findProgram('no-such-program')).toBeNull();
  });
});
