// The guards alone as what is attacked, in a process of their own.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import { password, startSmallServer } from '../../support/ssh/small-server.ts';
import type { SshArena } from './attack.ts';
import { arenaLimits } from './attack.ts';

export async function startSmallArena(): Promise<SshArena & AsyncDisposable> {
  const child = fork(import.meta.filename, { stdio: 'inherit' });
  const [port] = (await once(child, 'message')) as [number];
  return {
    login: { port, username: 'mallory', password },
    residentBytes: async () => {
      const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  process.once('disconnect', () => process.exit(0));
  const { port } = await startSmallServer({ limits: arenaLimits });
  process.send?.(port);
}
