// A client in a process of its own that runs one command after the other while an attack goes on, and how long each took.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { loggedIn, run } from '../../support/ssh/raw-client.ts';
import type { Login } from '../../support/ssh/raw-client.ts';
import type { RawPeer } from '../../support/ssh/raw-peer.ts';
import type { SshArena } from './attack.ts';
import { demand } from './attack.ts';

/** Of the time that a command takes, the 99th percentile: on top of ten times what it is on a calm gateway. */
const addedMsMax = 250;
const calmCommands = 40;

const slowest = (times: readonly number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Infinity;

/** Runs the attack. @throws when the second client is refused, or waits for long. */
export async function served<Result>(
  { login }: SshArena,
  attack: () => Promise<Result>,
): Promise<Result> {
  const child = fork(import.meta.filename, [JSON.stringify(login)], { stdio: 'inherit' });
  const [calm] = (await once(child, 'message')) as [readonly number[]];
  const result = await attack();
  child.send('stop');
  const [times] = (await once(child, 'message')) as [readonly number[]];
  const [before, during] = [slowest(calm), slowest(times)];
  const claim = `a second client waited ${Math.round(during)} ms for an echo, ${Math.round(before)} ms before`;
  demand(during < addedMsMax + 10 * before, claim);
  return result;
}

async function main(login: Login): Promise<void> {
  using peer = await loggedIn(login);
  let stopped = false;
  process.once('message', () => {
    stopped = true;
  });
  process.once('disconnect', () => process.exit(1));
  await commands(peer, (done) => done < calmCommands);
  process.send?.(await commands(peer, (done) => done < calmCommands));
  process.send?.(await commands(peer, (done) => done === 0 || !stopped));
  process.disconnect();
}

/** Milliseconds of each; a day for one that was not answered. */
async function commands(
  peer: RawPeer,
  goOn: (done: number) => boolean,
): Promise<readonly number[]> {
  const times: number[] = [];
  while (goOn(times.length)) {
    const began = performance.now();
    const answer = await run(peer, 'echo second');
    if (answer !== 'second\n') return [...times, 86_400_000];
    times.push(performance.now() - began);
    await delay(2);
  }
  return times;
}

if (process.argv[1] === import.meta.filename)
  await main(JSON.parse(process.argv[2] ?? '') as Login);
