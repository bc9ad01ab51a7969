// What the gateway's role at a target may be: as the reference says, and nothing that no policy can bound.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import {
  createCertificateAuthority,
  startPostgres,
  temporaryDirectory,
  writeCertificates,
} from '#lab';
import type { GuardedPostgres } from '../support/gateway.ts';
import { TestGateway, gatewayRole } from '../support/gateway.ts';

const page = join(import.meta.dirname, '../../docs/reference/postgres-targets.md');

/** A server whose gateway's role is made by the very SQL of the reference. */
async function documentedPostgres(): Promise<GuardedPostgres> {
  const [, recipe = ''] = /```sql\n(.*?)```/s.exec(await readFile(page, 'utf8')) ?? [];
  const directory = await temporaryDirectory('sallyport-role-');
  const authority = createCertificateAuthority('role test CA');
  const leaf = authority.issue({ commonName: 'server', ips: ['127.0.0.1'] });
  const tls = await writeCertificates(directory.path, 'server', leaf, authority);
  const server = await startPostgres({
    tls: { certificate: tls.certificate, key: tls.key },
    hba: ['host all all 127.0.0.1/32 scram-sha-256'],
    database: 'shop',
    setup: [
      `CREATE TABLE before (id serial, note text);
       CREATE ROLE auditor BYPASSRLS; CREATE ROLE files; GRANT pg_write_server_files TO files`,
      recipe.replace('a long random text', gatewayRole.password),
      'CREATE TABLE after (id serial, note text)',
    ],
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await directory.remove();
  };
  return { server, ca: tls.ca, stop };
}

let postgres: GuardedPostgres;
let gateway: TestGateway;

beforeAll(async () => {
  postgres = await documentedPostgres();
  gateway = await TestGateway.start({ postgres });
});

afterAll(async () => {
  await gateway.stop();
  await postgres.stop();
});

async function connected(to = gateway): Promise<pg.Client> {
  const client = new pg.Client(to.connection());
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ask(sql: string, to = gateway): Promise<readonly unknown[]> {
  const client = await connected(to);
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

describe('the documented role', () => {
  it('works with the rows of tables, old and new', async () => {
    for (const table of ['before', 'after']) {
      expect(await ask(`INSERT INTO ${table} (note) VALUES ('x') RETURNING id`)).toEqual([[1]]);
      expect(await ask(`UPDATE ${table} SET note = 'y' RETURNING note`)).toEqual([['y']]);
      expect(await ask(`DELETE FROM ${table} RETURNING id`)).toEqual([[1]]);
    }
    expect(await ask('CREATE TEMP TABLE scratch (id int)')).toEqual([]);
  });

  it.each([
    'CREATE TABLE mine (id int)',
    'ALTER TABLE before ADD more text',
    'CREATE ROLE other',
    'CREATE DATABASE other',
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT lo_import('/etc/passwd')",
  ])('may not %s', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('a role that may do too much', () => {
  let strict: TestGateway;

  beforeAll(async () => {
    strict = await TestGateway.start({ postgres });
  });

  afterAll(async () => {
    await strict.stop();
  });

  it.each([
    ['SUPERUSER', 'ALTER ROLE gateway SUPERUSER', 'ALTER ROLE gateway NOSUPERUSER'],
    ['CREATEROLE', 'ALTER ROLE gateway CREATEROLE', 'ALTER ROLE gateway NOCREATEROLE'],
    ['REPLICATION', 'ALTER ROLE gateway REPLICATION', 'ALTER ROLE gateway NOREPLICATION'],
    ['BYPASSRLS', 'ALTER ROLE gateway BYPASSRLS', 'ALTER ROLE gateway NOBYPASSRLS'],
    [
      'BYPASSRLS by membership in auditor',
      'ALTER ROLE gateway NOINHERIT; GRANT auditor TO gateway',
      'ALTER ROLE gateway INHERIT; REVOKE auditor FROM gateway',
    ],
    [
      'SUPERUSER by membership in postgres',
      'GRANT postgres TO gateway',
      'REVOKE postgres FROM gateway',
    ],
    ['pg_write_server_files', 'GRANT files TO gateway', 'REVOKE files FROM gateway'],
    [
      'pg_read_server_files, pg_execute_server_program',
      'GRANT pg_read_server_files, pg_execute_server_program TO gateway',
      'REVOKE pg_read_server_files, pg_execute_server_program FROM gateway',
    ],
    [
      'EXECUTE on pg_read_file',
      'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO gateway',
      'REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM gateway',
    ],
  ])('is refused: %s', async (found, grant, revoke) => {
    await postgres.server.query(grant);
    const message = 'has privileges that no policy can bound: ';
    await expect(ask('SELECT 1', strict)).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`${message}.*${found}`)),
      hint: expect.stringContaining('postgres-targets.md'),
    });
    await postgres.server.query(revoke);
  });

  it('is asked again at each login until it is fine', async () => {
    expect(await ask('SELECT 1', strict)).toEqual([[1]]);
  });

  it('is served where the target says so', async () => {
    await postgres.server.query('ALTER ROLE gateway SUPERUSER');
    await using lax = await TestGateway.start({ postgres, privilegedRole: true });
    expect(await ask('SELECT 1', lax)).toEqual([[1]]);
    await postgres.server.query('ALTER ROLE gateway NOSUPERUSER');
  });

  it('ends sessions that are open when it became so', async () => {
    const idle = await connected();
    const ended = new Promise((resolve) => idle.once('error', resolve));
    await postgres.server.query('ALTER ROLE gateway SUPERUSER');
    // DDL asks for a comparison.
    await ask('CREATE TEMP TABLE noticed (id int)').catch(() => undefined);
    expect(await ended).toMatchObject({ code: '28000' });
    await postgres.server.query('ALTER ROLE gateway NOSUPERUSER');
    expect(await ask('SELECT 1')).toEqual([[1]]);
  });
});
