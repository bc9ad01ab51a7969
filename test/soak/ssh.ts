// Many SSH sessions at once, each busy now and then: commands, files and new logins, every answer compared.

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { SshGateway } from '../support/ssh-gateway.ts';
import type { SessionTally } from './ssh/session.ts';
import { SoakSession } from './ssh/session.ts';

/** A share of the time, in which pools, caches and the heap find their size. */
const warmShare = 0.3;
const sampleMs = 1_000;
const saidErrorsMax = 10;

export interface SshReport extends SessionTally {
  readonly sessions: number;
  readonly minutes: number;
  /** Resident memory of the gateway in MB: medians of the time behind `warmShare`, in thirds. */
  readonly residentMb: readonly [number, number, number];
  /** Of `residentMb`, the last to the first: 1 is flat. */
  readonly growth: number;
}

export async function soakSsh(
  { sessions, minutes }: { readonly sessions: number; readonly minutes: number },
  say: (line: string) => void = () => undefined,
): Promise<SshReport> {
  await using gateway = await SshGateway.start({
    limits: { connectionsMax: sessions + 50 },
    serverOptions: { settings: ['MaxStartups 1000', 'MaxSessions 100'] },
  });
  const tally = { logins: 0, commands: 0, files: 0, errors: 0 };
  const over = new AbortController();
  const failed = (error: unknown): void => {
    tally.errors += 1;
    if (tally.errors <= saidErrorsMax) say(`error: ${String(error)}`);
  };
  const running = Array.from({ length: sessions }, (_, number) =>
    new SoakSession({ gateway, number, tally, failed, over: over.signal }).run(),
  );
  const resident = await sampled(gateway.process.pid, minutes, (mb, left) => {
    const { logins, commands, files, errors } = tally;
    const counts = `${logins} logins, ${commands} commands, ${files} files, ${errors} errors`;
    say(`${left} s left: ${counts}, ${Math.round(mb)} MB resident`);
  });
  over.abort();
  await Promise.all(running);
  const residentMb = thirds(resident.slice(Math.floor(resident.length * warmShare)));
  const growth = residentMb[2] / residentMb[0];
  return { sessions, minutes, ...tally, residentMb, growth };
}

async function sampled(
  pid: number,
  minutes: number,
  tell: (mb: number, secondsLeft: number) => void,
): Promise<readonly number[]> {
  const count = Math.ceil((minutes * 60_000) / sampleMs);
  const resident: number[] = [];
  for (let sample = 0; sample < count; sample += 1) {
    await delay(sampleMs);
    const mb = residentMb(pid);
    resident.push(mb);
    if (sample % 15 === 0) tell(mb, Math.round(((count - sample) * sampleMs) / 1000));
  }
  return resident;
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function thirds(samples: readonly number[]): [number, number, number] {
  const size = Math.max(1, Math.floor(samples.length / 3));
  const part = (number: number): number =>
    median(samples.slice(number * size, (number + 1) * size));
  return [part(0), part(1), part(2)];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
