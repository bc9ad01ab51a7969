// A real PostgreSQL client as the tour uses it: one open connection, one statement at a time.

import { findProgram } from '#lab';
import { nodePostgresClient } from './node-postgres.ts';
import type { Person } from './people.ts';
import { psqlClient } from './psql.ts';

export interface ClientOptions {
  readonly port: number;
  readonly ca: string;
  readonly database: string;
}

export interface ClientReply {
  /** What the client showed: rows, notices, errors. */
  readonly text: string;
  /** `00000` when nothing failed. */
  readonly sqlstate: string;
}

export interface ClientSession {
  /** @param onText is given what the client shows as it comes, for statements that wait. */
  readonly run: (sql: string, onText?: (text: string) => void) => Promise<ClientReply>;
  readonly close: () => Promise<void>;
}

export interface Client {
  readonly name: string;
  readonly connect: (person: Person) => Promise<ClientSession>;
}

/** psql where the machine has it and SALLYPORT_DEMO_CLIENT asks for nothing else, or node-postgres. */
export async function chooseClient(options: ClientOptions): Promise<Client> {
  const psql =
    process.env['SALLYPORT_DEMO_CLIENT'] === 'node-postgres' ? null : findProgram('psql');
  return psql === null ? nodePostgresClient(options) : psqlClient(psql, options);
}
