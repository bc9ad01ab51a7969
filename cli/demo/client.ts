// Which client takes the tour.

import { findProgram } from '#lab';
import type { Client, ClientOptions } from './client-session.ts';
import { nodePostgresClient } from './node-postgres.ts';
import { psqlClient } from './psql.ts';

/** psql where the machine has it and SALLYPORT_DEMO_CLIENT asks for nothing else, or node-postgres. */
export async function chooseClient(options: ClientOptions): Promise<Client> {
  const psql =
    process.env['SALLYPORT_DEMO_CLIENT'] === 'node-postgres' ? null : findProgram('psql');
  return psql === null ? nodePostgresClient(options) : psqlClient(psql, options);
}
