// Runs set-up SQL on a lab server.

import pg from 'pg';

export interface ConnectionOptions {
  /** An address, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export type Row = Readonly<Record<string, unknown>>;

export const identifier = (name: string): string => pg.escapeIdentifier(name);
export const literal = (text: string): string => pg.escapeLiteral(text);

/** On one connection, in order; answers with the rows of the last statement. */
export async function runSql(
  connection: ConnectionOptions,
  sqls: readonly string[],
): Promise<readonly Row[]> {
  const client = new pg.Client({ ...connection });
  // The same errors reject the calls below; unheard they would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: readonly Row[] = [];
    for (const sql of sqls) {
      // A text of several statements gives an array of results, which the types do not say.
      rows = [await client.query<Row>(sql)].flat().at(-1)?.rows ?? [];
    }
    return rows;
  } finally {
    await client.end();
  }
}
