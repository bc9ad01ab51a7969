// What the programs in TypeScript share: the statements to ask, the connection's parts, and how an answer is told.

import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions } from 'node:tls';

/** From standard input, as every program gets them. */
export const givenStatements = async (): Promise<readonly string[]> =>
  (await text(process.stdin)).split('\0');

const inherited = (name: string): string => process.env[name] ?? '';

export interface Parts {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: ConnectionOptions;
}

export const connectionParts = (): Parts => ({
  host: inherited('PGHOST'),
  port: Number(inherited('PGPORT')),
  user: inherited('PGUSER'),
  password: inherited('PGPASSWORD'),
  database: inherited('PGDATABASE'),
  ssl: { ca: readFileSync(inherited('PGSSLROOTCERT'), 'utf8') },
});

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

export function tellVersion(version: string): void {
  say({ version });
}

export function tell(mode: string, name: string, answer: unknown): void {
  say({ mode, case: name, answer: answer ?? null });
}
