// The ways to one nginx origin that are compared: direct, through nginx, through haproxy, through Sallyport.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { TlsServer } from '#lab';
import { startHaproxy, startNginxOrigin, startNginxProxy } from '#lab';
import { HttpGateway, httpTarget } from '../../test/support/http-gateway.ts';
import type { Hostile } from './hostile.ts';
import { startHostile } from './hostile.ts';

export const wayNames = ['direct', 'nginx', 'haproxy', 'sallyport'] as const;
export type WayName = (typeof wayNames)[number];

export interface Way {
  readonly name: WayName;
  readonly port: number;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The relay's process; none when direct. */
  readonly pid: number | undefined;
}

export interface Ways extends AsyncDisposable {
  readonly all: readonly Way[];
  readonly gateway: HttpGateway;
  readonly hostile: Hostile;
}

/** Target `app` is the nginx origin; `lab` is the hostile one, whose answers are masked. */
export async function startWays(): Promise<Ways> {
  await using started = new AsyncDisposableStack();
  const origin = started.use(await startNginxOrigin());
  const nginx = started.use(await startNginxProxy(origin));
  const haproxy = started.use(await startHaproxy(origin));
  const hostile = started.use(await startHostile());
  const policy = fileURLToPath(new URL('access.rego', import.meta.url));
  const gateway = started.use(
    await HttpGateway.start({
      targets: {
        app: httpTarget(origin),
        lab: httpTarget(hostile),
      },
      policies: { 'access.rego': await readFile(policy, 'utf8') },
      principals: { wrk: { kind: 'workload', groups: ['load-test'] } },
    }),
  );
  const headers = gateway.headers('app', 'wrk');
  const through = (name: WayName, server: TlsServer, pid: number | undefined): Way => ({
    ...{ name, port: server.port, pid, headers },
  });
  const ended = started.move();
  return {
    all: [
      through('direct', origin, undefined),
      through('nginx', nginx, nginx.pid),
      through('haproxy', haproxy, haproxy.pid),
      { name: 'sallyport', port: gateway.port, headers, pid: gateway.process.pid },
    ],
    gateway,
    hostile,
    [Symbol.asyncDispose]: () => ended.disposeAsync(),
  };
}
