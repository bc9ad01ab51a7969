// What an attack on SSH is, where it takes place, and what becomes of it.

import type { Login } from '../../support/ssh/raw-client.ts';
import { loggedIn, run } from '../../support/ssh/raw-client.ts';
import type { RawPeer } from '../../support/ssh/raw-peer.ts';
import type { Limits } from '../../../engine/model/index.ts';

/** What the client sees: the connection ends; this one thing is refused; nothing happens; what it asked for is done. */
export type Outcome = 'cut' | 'refused' | 'ignored' | 'served';

export interface SshArena {
  /** Who may run `echo`, `cat`, `head` and `sleep`. */
  readonly login: Login;
  /** Of the process that is attacked. */
  readonly residentBytes: () => Promise<number>;
}

export interface SshAttack {
  readonly name: string;
  readonly class: string;
  readonly expected: Outcome;
  /** Rejects when the attack succeeds. */
  readonly run: (arena: SshArena) => Promise<Outcome>;
}

export interface Row {
  readonly name: string;
  readonly class: string;
  readonly expected: string;
  readonly got: string;
  readonly pass: boolean;
}

/** So that what takes long is over soon. */
export const arenaLimits = {
  loginSecondsMax: 2,
  peerSilentSecondsMax: 6,
  stallSecondsMax: 2,
  sshIdleSecondsMax: 60,
} as const satisfies Partial<Limits>;

/** How long an attack may take to be over. */
const patienceMs = 15_000;

export const attackOn =
  (kind: string) =>
  (name: string, expected: Outcome, run: SshAttack['run']): SshAttack => ({
    ...{ class: kind, name, expected, run },
  });

/** @throws with the claim when it does not hold. */
export function demand(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(claim);
}

/** The connection's fate: cut, or still of use. */
export async function fateOf(peer: RawPeer): Promise<Outcome> {
  const answer = await Promise.race([run(peer, 'echo alive'), peer.closed.then(() => undefined)]);
  return answer === 'alive\n' ? 'ignored' : 'cut';
}

/** Runs it while someone else works undisturbed. */
export async function rowOf(attack: SshAttack, arena: SshArena): Promise<Row> {
  const { name, expected } = attack;
  using bystander = await loggedIn(arena.login);
  let got: string;
  try {
    got = await inTime(attack.run(arena));
    const answer = await inTime(run(bystander, 'echo bystander'));
    if (answer !== 'bystander\n') {
      got = `bystander ${bystander.isClosed ? `cut: ${await bystander.closed}` : 'unserved'}`;
    }
  } catch (error) {
    got = error instanceof Error ? error.message : String(error);
  }
  return { name, class: attack.class, expected, got, pass: got === expected };
}

export async function inTime<Value>(promise: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('not over in time')), patienceMs);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
