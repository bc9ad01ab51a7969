// Where the control socket is, and whether a gateway lives behind it.

import { chmod, mkdir, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

import { ConfigError } from '#engine/model';

/** `sun_path` of unix(7) has 108 bytes on Linux and 104 on macOS, its NUL included. */
const socketPathBytesMax = 103;

/** @param state the state directory of the gateway. */
export function controlSocket(state: string): string {
  return join(state, 'control.sock');
}

/**
 * Listens on `path`, a socket for its owner only. A socket that nobody answers on was left by a killed
 * gateway and is removed; a living one is somebody else's.
 *
 * @throws ConfigError `state-in-use` when another gateway answers there, `config-invalid` when the
 *   path is longer than a socket address can be.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > socketPathBytesMax) {
    throw new ConfigError('config-invalid', `${path}: is too long for the path of a socket`, {
      hint: `choose a state directory so that it has at most ${socketPathBytesMax} bytes`,
    });
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await listen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (await isControlled(path)) {
      const state = dirname(path);
      throw new ConfigError('state-in-use', `${state}: another gateway uses this state directory`, {
        hint: 'stop it first, or give this one its own state directory',
      });
    }
    await unlink(path);
    await listen(server, path);
  }
  await chmod(path, 0o600);
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject);
  server.listen(path, () => {
    server.off('error', reject);
    resolve(undefined);
  });
  return promise;
}

/** Whether a gateway accepts connections at `path`. */
export function isControlled(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => {
    socket.destroy();
    resolve(true);
  });
  socket.once('error', () => {
    resolve(false);
  });
  return promise;
}
