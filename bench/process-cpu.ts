// CPU time that a program used so far, with its threads and its worker processes (proc(5), /proc/<pid>/stat).

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

let ticksPerSecond: number | undefined;

/** Seconds of user and system time, in steps of 10 ms as a rule; undefined where there is no procfs. */
export function cpuSeconds(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticksOf(pid) / ticksPerSecond;
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
  const own = Number(fields[11]) + Number(fields[12]);
  return children
    .filter((child) => child !== '')
    .map(Number)
    .map(ticksOf)
    .reduce(sum, own);
}

const sum = (one: number, other: number): number => one + other;
