// The gateway's own cancel keys: what a client may cancel is its session here, never a process of the target
// (PostgreSQL "Canceling Requests in Progress").

import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

import type { BackendKeyData, CancelRequest } from './wire/index.ts';
import { longKeysVersion } from './wire/index.ts';

/** Before protocol 3.2 a key has four bytes. */
const shortKeyBytes = 4;
/** As long as those of PostgreSQL 18. */
const longKeyBytes = 32;
const processIdMax = 0x7fff_ffff;

export class CancelKeys {
  readonly #sessions = new Map<
    number,
    { readonly secretKey: Buffer; readonly cancel: () => void }
  >();

  /** A fresh key for a session that speaks a version of the protocol; `release` when it ends. */
  issue(version: number, cancel: () => void): BackendKeyData & { readonly release: () => void } {
    let processId = randomInt(1, processIdMax);
    while (this.#sessions.has(processId)) processId = randomInt(1, processIdMax);
    const secretKey = randomBytes(version < longKeysVersion ? shortKeyBytes : longKeyBytes);
    this.#sessions.set(processId, { secretKey, cancel });
    const release = () => {
      this.#sessions.delete(processId);
    };
    return { processId, secretKey, release };
  }

  /** Cancels the session whose key this is; a wrong key does nothing and is not told apart. */
  cancel(request: CancelRequest): void {
    const session = this.#sessions.get(request.processId);
    if (session?.secretKey.length !== request.secretKey.length) return;
    if (timingSafeEqual(session.secretKey, request.secretKey)) session.cancel();
  }
}
