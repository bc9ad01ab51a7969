// A real PostgreSQL client as the tour uses it: one open connection, one statement at a time.

import type { Person } from './people.ts';

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
