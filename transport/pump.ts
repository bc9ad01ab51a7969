// Feeds a socket's bytes to a state machine: in order, one chunk at a time, at the pace of its promises.

import type { Duplex } from 'node:stream';

/**
 * Calls `onChunk` for each chunk. While the promise that it returned is pending the socket is paused and
 * nothing else is delivered; without a promise the cost is that of a bare `data` handler.
 *
 * Resolves when the peer has ended or the socket is closed. Rejects with the socket's error or with what
 * `onChunk` threw; then the socket is left paused, for the caller to answer on and to destroy. Never settles
 * while a promise of `onChunk` is pending, so nothing runs behind the caller's back: whoever waits long
 * (a held statement) listens to the socket's `end` and `close` too.
 */
export function pump(
  socket: Duplex,
  onChunk: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let busy = false;
  let finished = false;
  let failure: { readonly error: unknown } | undefined;

  const settle = (): void => {
    if (busy) return;
    socket.off('data', deliver).off('end', finish).off('close', finish).off('error', fail);
    socket.pause();
    if (failure === undefined) resolve(undefined);
    else reject(failure.error);
  };
  const finish = (): void => {
    finished = true;
    settle();
  };
  const fail = (error: unknown): void => {
    failure ??= { error };
    finish();
  };
  const proceed = (): void => {
    busy = false;
    if (finished) settle();
    else socket.resume();
  };
  const deliver = (chunk: Buffer): void => {
    try {
      const pending = onChunk(chunk);
      if (pending === undefined) return;
      busy = true;
      socket.pause();
      pending.then(proceed, (error: unknown) => {
        busy = false;
        fail(error);
      });
    } catch (error) {
      fail(error);
    }
  };

  socket.on('data', deliver).on('end', finish).on('close', finish).on('error', fail);
  if (socket.errored !== null) fail(socket.errored);
  else if (socket.readableEnded || socket.destroyed) finish();
  else socket.resume();
  return promise;
}
