// Clients that send statements with unique markers as fast as they can, until their server is gone.

import pg from 'pg';
import postgres from 'postgres';

import type { ClientConnection } from './gateway.ts';

export interface MarkedLoad {
  /** Statements sent so far. */
  readonly sent: () => number;
  /** Resolves when every client has lost its server; never rejects. */
  readonly ended: Promise<void>;
}

/** Gives out `marker-<prefix>-<n>`, each once. */
type NextMarker = () => string;

/** Sends statements until one fails. */
type Client = (connection: ClientConnection, next: NextMarker) => Promise<never>;

/** `prefix` keeps the markers of one load apart from those of others: letters, digits and dashes. */
export function startMarkedLoad(connection: ClientConnection, prefix: string): MarkedLoad {
  let sent = 0;
  const next = (): string => `marker-${prefix}-${(sent += 1)}-end`;
  const clients = [simple, extended, prepared, transactions, pipelined];
  const ended = Promise.allSettled(clients.map((client) => client(connection, next)));
  return { sent: () => sent, ended: ended.then(() => undefined) };
}

async function connected(connection: ClientConnection): Promise<pg.Client> {
  const client = new pg.Client({ ...connection });
  // The query under way is rejected with the same error.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const simple: Client = async (connection, next) => {
  const client = await connected(connection);
  for (;;) await client.query(`SELECT '${next()}'`);
};

const extended: Client = async (connection, next) => {
  const client = await connected(connection);
  for (;;) await client.query({ text: `SELECT '${next()}', $1::int`, values: [7] });
};

const prepared: Client = async (connection, next) => {
  const client = await connected(connection);
  for (;;) {
    await client.query({ name: 'marked', text: 'SELECT $1::text AS marker', values: [next()] });
  }
};

const transactions: Client = async (connection, next) => {
  const client = await connected(connection);
  for (;;) {
    await client.query('BEGIN');
    await client.query({ text: 'INSERT INTO marks VALUES ($1)', values: [next()] });
    await client.query(`UPDATE marks SET marker = marker WHERE marker = '${next()}'`);
    await client.query('COMMIT');
  }
};

/** Eight statements under way at a time on one connection. */
const pipelined: Client = async (connection, next) => {
  const { user, ssl, ...to } = connection;
  const sql = postgres({
    ...to,
    user,
    ssl,
    max: 1,
    connect_timeout: 10,
    onnotice: () => undefined,
  });
  try {
    for (;;) {
      const batch = Array.from({ length: 8 }, () => sql`SELECT ${next()}::text AS marker`);
      const results = await Promise.allSettled(batch);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    }
  } finally {
    await sql.end({ timeout: 0 });
  }
};
