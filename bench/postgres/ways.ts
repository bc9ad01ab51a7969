// The three ways to one server that are compared: direct, through pgbouncer, through Sallyport.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { GuardedPostgres, PolicyTexts } from '../../test/support/gateway.ts';
import { TestGateway, gatewayRole, targetName } from '../../test/support/gateway.ts';
import { startPgbouncer } from './pgbouncer.ts';

export const wayNames = ['direct', 'pgbouncer', 'sallyport'] as const;
export type WayName = (typeof wayNames)[number];

export interface Way {
  readonly name: WayName;
  readonly environment: NodeJS.ProcessEnv;
  /** The relay's process; none when direct. */
  readonly pid: number | undefined;
}

export interface Ways extends AsyncDisposable {
  readonly all: readonly Way[];
}

export interface WaysOptions {
  readonly postgres: GuardedPostgres;
  readonly pgbouncer: string;
  /** On every hop there is. */
  readonly tls: boolean;
}

const policyDirectory = fileURLToPath(new URL('../policies', import.meta.url));

async function benchPolicies(): Promise<PolicyTexts> {
  const names = await readdir(policyDirectory);
  const read = async (name: string) =>
    [name, await readFile(join(policyDirectory, name), 'utf8')] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

export async function startWays({ postgres, pgbouncer, tls }: WaysOptions): Promise<Ways> {
  const { server } = postgres;
  const bouncer = await startPgbouncer({
    program: pgbouncer,
    server,
    credential: gatewayRole,
    ...(tls ? { serverCa: postgres.ca } : {}),
  });
  const gateway = await TestGateway.start({
    postgres,
    policies: await benchPolicies(),
    principals: { pgbench: { kind: 'workload', groups: ['load-test', 'engineering'] } },
    labels: { env: 'staging' },
    allowPlaintextClients: !tls,
    plaintextServer: !tls,
  });
  const to = (port: number, password: string, database: string): NodeJS.ProcessEnv => ({
    ...process.env,
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: gatewayRole.user,
    PGPASSWORD: password,
    PGDATABASE: database,
    PGSSLMODE: tls ? 'require' : 'disable',
  });
  const own = gatewayRole.password;
  return {
    all: [
      { name: 'direct', environment: to(server.port, own, server.database), pid: undefined },
      {
        name: 'pgbouncer',
        environment: to(bouncer.port, own, server.database),
        pid: bouncer.pid,
      },
      {
        name: 'sallyport',
        environment: to(gateway.port, gateway.token('pgbench'), targetName),
        pid: gateway.process.pid,
      },
    ],
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await bouncer.stop();
    },
  };
}
