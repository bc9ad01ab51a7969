// Asks until the answer is yes: for what a server knows but does not announce.

import { setTimeout as delay } from 'node:timers/promises';

const patienceMs = 10_000;
const intervalMs = 20;

/** @throws with `what` when the answer is still no after ten seconds. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`this did not happen: ${what}`);
    await delay(intervalMs);
  }
}
