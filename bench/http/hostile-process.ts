// A process of its own for what is hostile: an origin with bombs, slow clients, and those who ask for bombs. So what they
// cost themselves is not taken for what they cost others.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';

import { bomb, startOrigin } from '#lab';
import { slownesses, startSlowClients } from '../../test/support/slow-clients.ts';

export type Disturbance = 'slowloris' | 'bomb';

/** Where the gateway is, and how requests reach the hostile origin behind it. */
export interface Victim {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Order =
  | { readonly kind: 'begin'; readonly disturbance: Disturbance; readonly victim: Victim }
  | { readonly kind: 'end' };

export type Report =
  | { readonly kind: 'ready'; readonly port: number; readonly ca: string }
  | { readonly kind: 'begun' }
  | { readonly kind: 'ended' };

const slowClientCount = 200;
/** Together they unpack to four gigabytes. */
const bombsPerSecond = 20;
const bombPaths = ['/bomb/gzip', '/bomb/br'] as const;

const begin: Readonly<Record<Disturbance, (victim: Victim) => Promise<AsyncDisposable>>> = {
  slowloris: (victim) =>
    startSlowClients(slowClientCount, slownesses, {
      ...victim,
      upload: '/upload',
      large: '/large',
      everyMs: 1000,
    }),
  bomb: (victim) => Promise.resolve(startBombs(victim)),
};

/** At a fixed pace, on a route whose answers are masked. */
function startBombs(victim: Victim): AsyncDisposable {
  const over = new AbortController();
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => {
    const path = bombPaths[asked.length % bombPaths.length] ?? '';
    asked.push(bombOnce(victim, path, over.signal));
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
async function bombOnce(
  { port, ca, headers }: Victim,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const request = get({
    ...{ host: '127.0.0.1', servername: 'localhost', port, ca, path, signal },
    headers: { ...headers, 'accept-encoding': 'gzip, br' },
  });
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'close');
  } catch {
    request.destroy();
  }
}

const report = (message: Report): void => void process.send?.(message);

async function main(): Promise<void> {
  await Promise.all([bomb('gzip', 200), bomb('br', 200)]);
  const origin = await startOrigin();
  let running: AsyncDisposable | undefined;
  process.on('message', (order: Order) => {
    void (async () => {
      await running?.[Symbol.asyncDispose]();
      running = order.kind === 'end' ? undefined : await begin[order.disturbance](order.victim);
      report({ kind: order.kind === 'end' ? 'ended' : 'begun' });
    })();
  });
  // Whoever gave the orders may be gone without a word.
  process.once('disconnect', () => {
    void origin.stop().finally(() => process.exit());
  });
  const { port, ca } = origin;
  report({ kind: 'ready', port, ca });
}

await main();
