// Clients that send statements with unique markers as fast as they can, until their server is gone.

import pg from 'pg';
import postgres from 'postgres';

import type { ClientConnection } from './gateway.ts';

export interface MarkedLoad {
  /** Statements sent so far. */
  readonly sent: () => number;
  /** Resolves when the first statement was answered, or none ever will be. */
  readonly answered: Promise<void>;
  /** Resolves when every client has lost its server; never rejects. */
  readonly ended: Promise<void>;
}

interface Markers {
  /** Gives out `marker-<prefix>-<n>-end`, each once. */
  readonly next: () => string;
  readonly answered: () => void;
}

/** Sends statements until one fails. */
type Client = (connection: ClientConnection, markers: Markers) => Promise<never>;

/** `prefix` keeps the markers of one load apart from those of others: letters, digits and dashes. */
export function startMarkedLoad(connection: ClientConnection, prefix: string): MarkedLoad {
  let sent = 0;
  const first = Promise.withResolvers<undefined>();
  const markers: Markers = {
    next: () => `marker-${prefix}-${(sent += 1)}-end`,
    answered: () => {
      first.resolve(undefined);
    },
  };
  const clients = [simple, extended, prepared, transactions, pipelined];
  const ended = Promise.allSettled(clients.map((client) => client(connection, markers))).then(
    markers.answered,
  );
  return { sent: () => sent, answered: first.promise, ended };
}

async function connected(connection: ClientConnection): Promise<pg.Client> {
  const client = new pg.Client({ ...connection });
  // The query under way is rejected with the same error.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const simple: Client = async (connection, { next, answered }) => {
  const client = await connected(connection);
  for (;;) {
    await client.query(`SELECT '${next()}'`);
    answered();
  }
};

const extended: Client = async (connection, { next }) => {
  const client = await connected(connection);
  for (;;) await client.query({ text: `SELECT '${next()}', $1::int`, values: [7] });
};

const prepared: Client = async (connection, { next }) => {
  const client = await connected(connection);
  for (;;) {
    await client.query({ name: 'marked', text: 'SELECT $1::text AS marker', values: [next()] });
  }
};

const transactions: Client = async (connection, { next }) => {
  const client = await connected(connection);
  for (;;) {
    await client.query('BEGIN');
    await client.query({ text: 'INSERT INTO marks VALUES ($1)', values: [next()] });
    await client.query(`UPDATE marks SET marker = marker WHERE marker = '${next()}'`);
    await client.query('COMMIT');
  }
};

/** Eight statements under way at a time on one connection. */
const pipelined: Client = async (connection, { next }) => {
  const { ssl, ...to } = connection;
  // Its own question about types is asked with no one to hear of a failure.
  const sql = postgres({ ...to, ssl, max: 1, fetch_types: false, onnotice: () => undefined });
  try {
    // The first failure ends it: what is still queued would wait for a server that does not come back.
    for (;;) {
      await Promise.all(Array.from({ length: 8 }, () => sql`SELECT ${next()}::text AS marker`));
    }
  } finally {
    await sql.end({ timeout: 0 });
  }
};
