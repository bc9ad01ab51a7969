// Ends a server and removes its directory when this process ends, however it ends.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Account } from './account.ts';

export interface Watchdog {
  /** Ends what still runs, removes the directory, resolves when both are gone. */
  readonly release: () => Promise<void>;
}

// Its standard input is a pipe that only we hold open: the kernel closes it even after `kill -9`.
// The server's own pid file says whom to end and when it has: a pid may be reused or left a zombie.
const script = `
trap '' INT TERM HUP
cat >/dev/null
if read -r pid <"$1/data/postmaster.pid"; then
  kill -QUIT "$pid"
  for _ in $(seq 100); do [ -e "$1/data/postmaster.pid" ] || break; sleep 0.05; done
fi
rm -rf "$1"`;

export function watch(directory: string, account: Account): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script, 'sh', directory], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = once(shell, 'exit');
  gone.catch(() => undefined);
  shell.unref();
  if (shell.stdin instanceof Socket) shell.stdin.unref();
  return {
    release: async () => {
      shell.ref();
      shell.stdin.end();
      await gone;
    },
  };
}
