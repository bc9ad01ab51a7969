// What hostile clients and hostile answers do to the latency of everyone else on the same gateway.

import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { HttpGateway } from '../../test/support/http-gateway.ts';
import type { Disturbance, Order, Report } from './hostile-process.ts';
import { steadyClients } from './steady-clients.ts';

const pace = { path: '/small', clients: 20, everyMs: 50 } as const;

export const disturbances: readonly Disturbance[] = ['slowloris', 'bomb'];

/** An origin to be put behind a gateway, and those who use it against that gateway. */
export interface Hostile extends AsyncDisposable {
  readonly port: number;
  /** PEM file. */
  readonly ca: string;
  /** Does as ordered; resolves when it is done. */
  readonly order: (order: Order) => Promise<Report>;
}

export async function startHostile(): Promise<Hostile> {
  const child = fork(fileURLToPath(new URL('hostile-process.ts', import.meta.url)));
  const first = await reportOf(child);
  if (first.kind !== 'ready') throw new Error(`the hostile process began with ${first.kind}`);
  return {
    port: first.port,
    ca: first.ca,
    order: async (order) => {
      child.send(order);
      return reportOf(child);
    },
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

async function reportOf(child: ChildProcess): Promise<Report> {
  const over = new AbortController();
  const ended = once(child, 'exit', { signal: over.signal }).then(() => {
    throw new Error('the hostile process ended');
  });
  try {
    const arrived = once(child, 'message', { signal: over.signal }) as Promise<[Report]>;
    const [report] = await Promise.race([arrived, ended]);
    return report;
  } finally {
    ended.catch(() => undefined);
    over.abort();
  }
}

/** Fewer of them say nothing of what as many would do. */
const shareMin = 0.8;

/**
 * A round: the 99th percentile with the disturbance, divided by that of the same clients alone, before it and behind it. Its
 * origin is target `lab`. Undefined when too little of the disturbance took place.
 */
export async function p99Ratio(
  { gateway, hostile }: { readonly gateway: HttpGateway; readonly hostile: Hostile },
  disturbance: Disturbance,
  seconds: number,
): Promise<number | undefined> {
  const { port, ca } = gateway;
  const steady = { port, ca, headers: gateway.headers('app', 'wrk'), ...pace };
  const before = await steadyClients({ ...steady, seconds: seconds / 2 });
  const victim = { port, ca, headers: gateway.headers('lab', 'wrk') };
  await hostile.order({ kind: 'begin', disturbance, victim });
  const disturbed = await steadyClients({ ...steady, seconds });
  const report = await hostile.order({ kind: 'end' });
  const after = await steadyClients({ ...steady, seconds: seconds / 2 });
  if (report.kind === 'ended' && report.share < shareMin) return undefined;
  return disturbed.p99Us / ((before.p99Us + after.p99Us) / 2);
}
