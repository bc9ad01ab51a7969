// One OpenSSH server, reached directly and through Sallyport, with OpenSSH's own clients.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { requiredProgram } from '#lab';
import { SshGateway } from '../../test/support/ssh-gateway.ts';
import { inspectable } from '../inspected.ts';

export const wayNames = ['direct', 'sallyport'] as const;
export type WayName = (typeof wayNames)[number];

export interface Way {
  readonly name: WayName;
  /** For ssh, scp and sftp alike. */
  readonly options: readonly string[];
  readonly destination: string;
}

export interface Ways extends AsyncDisposable {
  readonly all: readonly Way[];
  /** The gateway's process. */
  readonly pid: number;
  /** What it has written to its standard error. */
  readonly said: () => string;
  /** For files that are sent and received. */
  readonly directory: string;
}

export async function startWays(): Promise<Ways> {
  // What an account's own .bashrc does may take a hundred times as long as what is measured.
  const settings = ['SetEnv HOME=/nonexistent'];
  const gateway = await SshGateway.start({ serverOptions: { settings }, environment: inspectable });
  const { directory, server, process: gatewayProcess } = gateway;
  return {
    all: [
      {
        name: 'direct',
        options: gateway.directOptions(),
        destination: `${server.user}@127.0.0.1`,
      },
      { name: 'sallyport', options: gateway.options(), destination: 'box@127.0.0.1' },
    ],
    pid: gatewayProcess.pid,
    said: () => gatewayProcess.said(),
    directory,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** How many seconds a client takes; its output goes nowhere. @throws when it fails */
export async function secondsOf(program: string, args: readonly string[]): Promise<number> {
  const path = requiredProgram(program, 'openssh-client');
  const nowhere = openSync('/dev/null', 'w');
  const startedAt = performance.now();
  const child = spawn(path, [...args], { stdio: ['ignore', nowhere, 'pipe'] });
  const errors: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  closeSync(nowhere);
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${errors.join('')}`);
  return (performance.now() - startedAt) / 1000;
}

/** A connection that stays, over which others run without another login. */
export async function openMaster(
  way: Way,
  directory: string,
): Promise<AsyncDisposable & { readonly socket: string }> {
  const socket = join(directory, `master-${way.name}`);
  const path = requiredProgram('ssh', 'openssh-client');
  const child = spawn(path, [...way.options, '-M', '-S', socket, '-N', way.destination], {
    stdio: 'ignore',
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  child.once('exit', () => {
    reject(new Error(`no connection ${way.name}`));
  });
  const ask = setInterval(() => {
    const check = spawn(path, ['-S', socket, '-O', 'check', way.destination], { stdio: 'ignore' });
    check.once('exit', (code) => {
      if (code === 0) resolve(undefined);
    });
  }, 50);
  await promise.finally(() => {
    clearInterval(ask);
  });
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
