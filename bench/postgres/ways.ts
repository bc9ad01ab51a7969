// The three ways to one server that are compared: direct, through pgbouncer, through Sallyport.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PostgresServer } from '#lab';
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
  readonly direct: Way;
  readonly sallyport: Way;
  /** Through Sallyport as somebody under masks. */
  readonly masked: NodeJS.ProcessEnv;
  /** Sallyport's configuration file. */
  readonly config: string;
}

export interface WaysOptions {
  readonly postgres: GuardedPostgres;
  readonly pgbouncer: string;
  /** On every hop there is. */
  readonly tls: boolean;
}

const policyDirectory = fileURLToPath(new URL('../policies', import.meta.url));
/** Both are decided about by the same rules; the one sees personal data, to the other it is masked. */
export const principals = {
  cleared: { kind: 'workload', groups: ['load-test', 'engineering', 'pii-readers'] },
  masked: { kind: 'workload', groups: ['load-test', 'engineering'] },
} as const;

async function benchPolicies(): Promise<PolicyTexts> {
  const names = await readdir(policyDirectory);
  const read = async (name: string) =>
    [name, await readFile(join(policyDirectory, name), 'utf8')] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** For libpq programs: the server itself, as the role that everyone has there in the end. */
export function directEnvironment(server: PostgresServer, tls: boolean): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PGHOST: '127.0.0.1',
    PGPORT: String(server.port),
    PGUSER: gatewayRole.user,
    PGPASSWORD: gatewayRole.password,
    PGDATABASE: server.database,
    PGSSLMODE: tls ? 'require' : 'disable',
  };
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
    principals,
    labels: { env: 'staging' },
    allowPlaintextClients: !tls,
    plaintextServer: !tls,
  });
  const own = directEnvironment(server, tls);
  const as = (principal: keyof typeof principals) => ({
    ...own,
    PGPORT: String(gateway.port),
    PGPASSWORD: gateway.token(principal),
    PGDATABASE: targetName,
  });
  const direct: Way = { name: 'direct', environment: own, pid: undefined };
  const through: Way = {
    name: 'pgbouncer',
    environment: { ...own, PGPORT: String(bouncer.port) },
    pid: bouncer.pid,
  };
  const sallyport: Way = {
    name: 'sallyport',
    environment: as('cleared'),
    pid: gateway.process.pid,
  };
  return {
    all: [direct, through, sallyport],
    direct,
    sallyport,
    masked: as('masked'),
    config: gateway.files.config,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await bouncer.stop();
    },
  };
}
