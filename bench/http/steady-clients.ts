// Clients that ask at a fixed pace, whatever the answers take: the ones whose latency others must not spoil.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { Agent, get } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

import { percentile } from '../statistics.ts';

export interface SteadyOptions {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Each a keep-alive connection with one request at a time. */
  readonly clients: number;
  /** From one client's request to its next. */
  readonly everyMs: number;
  readonly seconds: number;
}

export interface SteadyResult {
  readonly requests: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/**
 * A request that is late counts from when it was due, so waiting for the answer before hides nothing. Throws
 * when an answer is not 200.
 */
export async function steadyClients(options: SteadyOptions): Promise<SteadyResult> {
  const { clients, everyMs } = options;
  const offsets = Array.from({ length: clients }, (_, index) => (index * everyMs) / clients);
  const latencies = await Promise.all(offsets.map((offset) => oneClient(offset, options)));
  const sorted = Float64Array.from(latencies.flat()).sort();
  return {
    requests: sorted.length,
    p50Us: percentile(sorted, 0.5) * 1000,
    p99Us: percentile(sorted, 0.99) * 1000,
  };
}

/** Milliseconds of each request. */
async function oneClient(offset: number, options: SteadyOptions): Promise<readonly number[]> {
  const { port, ca, path, headers, everyMs, seconds } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const to = { host: '127.0.0.1', servername: 'localhost', port, ca };
  const request = { ...to, path, headers, agent };
  const latencies: number[] = [];
  try {
    await answered(request);
    const start = performance.now() + offset;
    for (let turn = 0; turn * everyMs < seconds * 1000; turn += 1) {
      const due = start + turn * everyMs;
      const early = due - performance.now();
      if (early > 0) await delay(early);
      // What a timer is late is no latency; what the answer before took is.
      const from = early > 0 ? performance.now() : due;
      await answered(request);
      latencies.push(performance.now() - from);
    }
  } finally {
    agent.destroy();
  }
  return latencies;
}

async function answered(request: RequestOptions): Promise<void> {
  const [response] = (await once(get(request), 'response')) as [IncomingMessage];
  const ended = once(response.resume(), 'end');
  if (response.statusCode !== 200)
    throw new Error(`a steady client got ${response.statusCode ?? 0}`);
  await ended;
}
