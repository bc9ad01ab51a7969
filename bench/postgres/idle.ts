// What a connection that waits costs the gateway's process: both hops, one statement said.

import { readFileSync } from 'node:fs';

import pg from 'pg';

import type { Ways } from './ways.ts';
import { pgbench } from './pgbench.ts';

const warmConnections = 50;
const measuredConnections = 200;
export const idleConnections = warmConnections + measuredConnections;
const settleTimes = 3;

/** Resident kibibytes of the gateway for each connection. */
export async function measureIdle(ways: Ways, program: string): Promise<number> {
  const { environment, pid = 0 } = ways.sallyport;
  let clients: pg.Client[] = [];
  const open = async (count: number): Promise<void> => {
    for (let opened = 0; opened < count; opened += 1) {
      const client = clientFor(environment);
      clients.push(client);
      await client.connect();
      await client.query('SELECT abalance FROM pgbench_accounts WHERE aid = $1', [opened + 1]);
    }
  };
  const close = async (): Promise<void> => {
    const closing = clients;
    clients = [];
    await Promise.all(closing.map((client) => client.end()));
  };
  /** After much went through, for which garbage was collected: the least of a few times. */
  const settledKb = async (): Promise<number> => {
    let least = Infinity;
    for (let time = 0; time < settleTimes; time += 1) {
      await pgbench({ program, environment, protocol: 'simple', clients: 4, seconds: 2 });
      least = Math.min(least, residentKb(pid));
    }
    return least;
  };
  try {
    // As many logins as will be measured: their garbage makes the heap grow once.
    await open(measuredConnections);
    await close();
    await open(warmConnections);
    const before = await settledKb();
    await open(measuredConnections);
    return ((await settledKb()) - before) / measuredConnections;
  } finally {
    await close();
  }
}

function clientFor(environment: NodeJS.ProcessEnv): pg.Client {
  return new pg.Client({
    host: environment['PGHOST'],
    port: Number(environment['PGPORT']),
    user: environment['PGUSER'],
    password: environment['PGPASSWORD'],
    database: environment['PGDATABASE'],
    ssl: environment['PGSSLMODE'] === 'disable' ? false : { rejectUnauthorized: false },
  });
}

function residentKb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
}
