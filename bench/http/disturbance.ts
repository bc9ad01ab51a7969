// What hostile clients and hostile answers do to the latency of everyone else on the same gateway.

import { get } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

import type { HttpGateway } from '../../test/support/http-gateway.ts';
import { slownesses, startSlowClients } from '../../test/support/slow-clients.ts';
import { steadyClients } from './steady-clients.ts';

const slowClientCount = 200;
/** Together they unpack to four gigabytes. */
const bombsPerSecond = 20;
const bombPaths = ['/bomb/gzip', '/bomb/br'] as const;
const pace = { path: '/small', clients: 20, everyMs: 50 } as const;

export interface Disturbance {
  readonly name: 'slowloris' | 'bomb';
  /** Begins it; disposing ends it. */
  readonly start: (gateway: HttpGateway) => Promise<AsyncDisposable>;
}

export const disturbances: readonly Disturbance[] = [
  { name: 'slowloris', start: slowloris },
  { name: 'bomb', start: bombs },
];

/** A round: the 99th percentile with the disturbance, divided by that without it. */
export async function p99Ratio(
  gateway: HttpGateway,
  disturbance: Disturbance,
  seconds: number,
): Promise<number> {
  const to = { port: gateway.port, ca: gateway.ca, headers: gateway.headers('app', 'wrk') };
  const quiet = await steadyClients({ ...to, ...pace, seconds });
  await using disturbers = new AsyncDisposableStack();
  disturbers.use(await disturbance.start(gateway));
  const disturbed = await steadyClients({ ...to, ...pace, seconds });
  return disturbed.p99Us / quiet.p99Us;
}

async function slowloris(gateway: HttpGateway): Promise<AsyncDisposable> {
  return startSlowClients(slowClientCount, slownesses, {
    port: gateway.port,
    ca: gateway.ca,
    headers: gateway.headers('lab', 'wrk'),
    upload: '/upload',
    large: '/large',
    everyMs: 1000,
  });
}

/** Asks for bombs at a fixed pace, on a route whose answers are masked; the origin makes them at the first asking. */
async function bombs(gateway: HttpGateway): Promise<AsyncDisposable> {
  await Promise.all(bombPaths.map((path) => bombOnce(gateway, path)));
  const over = new AbortController();
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => {
    const path = bombPaths[asked.length % bombPaths.length] ?? '';
    asked.push(bombOnce(gateway, path, over.signal));
  }, 1000 / bombsPerSecond);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      over.abort();
      await Promise.all(asked);
    },
  };
}

/** A gateway may refuse it or break it off; how is not measured here. */
async function bombOnce(gateway: HttpGateway, path: string, signal?: AbortSignal): Promise<void> {
  const { port, ca } = gateway;
  const headers = { ...gateway.headers('lab', 'wrk'), 'accept-encoding': 'gzip, br' };
  const request = get({
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    ca,
    path,
    headers,
    signal,
  });
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'close');
  } catch {
    request.destroy();
  }
}
