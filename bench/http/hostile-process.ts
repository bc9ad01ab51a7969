// A process of its own for what is hostile: an origin with bombs, slow clients, and those who ask for bombs. It gives way to
// everybody else, so what they cost themselves is not taken for what they cost others.

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { constants, setPriority } from 'node:os';

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
  /** `share` of the bombs that were due, which were asked for and answered in time; 1 of anything else. */
  | { readonly kind: 'ended'; readonly share: number };

const slowClientCount = 200;
/** Together they unpack to four gigabytes. */
const bombsPerSecond = 20;
const bombPaths = ['/bomb/gzip', '/bomb/br'] as const;

interface Running {
  /** Resolves with the share that took place. */
  readonly end: () => Promise<number>;
}

const begin: Readonly<Record<Disturbance, (victim: Victim) => Promise<Running>>> = {
  slowloris: async (victim) => {
    const clients = await startSlowClients(slowClientCount, slownesses, {
      ...victim,
      upload: '/upload',
      large: '/large',
      everyMs: 1000,
    });
    return {
      end: async () => {
        await clients[Symbol.asyncDispose]();
        return 1;
      },
    };
  },
  bomb: (victim) => Promise.resolve(startBombs(victim)),
};

/** At a fixed pace, on a route whose answers are masked. */
function startBombs(victim: Victim): Running {
  const over = new AbortController();
  const asked: Promise<void>[] = [];
  const startedAt = performance.now();
  let answered = 0;
  const timer = setInterval(() => {
    const path = bombPaths[asked.length % bombPaths.length] ?? '';
    const bombed = bombOnce(victim, path, over.signal).then((isAnswered) => {
      if (isAnswered) answered += 1;
    });
    asked.push(bombed);
  }, 1000 / bombsPerSecond);
  return {
    end: async () => {
      const due = ((performance.now() - startedAt) / 1000) * bombsPerSecond;
      const share = answered / due;
      clearInterval(timer);
      over.abort();
      await Promise.all(asked);
      return share;
    },
  };
}

/** Whether something came of it: a gateway may refuse it or break it off. */
async function bombOnce(
  { port, ca, headers }: Victim,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const request = get({
    ...{ host: '127.0.0.1', servername: 'localhost', port, ca, path, signal },
    headers: { ...headers, 'accept-encoding': 'gzip, br' },
  });
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'close');
    return true;
  } catch {
    request.destroy();
    return !signal.aborted;
  }
}

const report = (message: Report): void => void process.send?.(message);

async function main(): Promise<void> {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  await Promise.all([bomb('gzip', 200), bomb('br', 200)]);
  const origin = await startOrigin();
  let running: Running | undefined;
  process.on('message', (order: Order) => {
    void (async () => {
      const share = (await running?.end()) ?? 0;
      running = order.kind === 'end' ? undefined : await begin[order.disturbance](order.victim);
      report(order.kind === 'end' ? { kind: 'ended', share } : { kind: 'begun' });
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
