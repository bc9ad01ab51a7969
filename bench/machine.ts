// Facts of the machine that every figure depends on.

import { cpus, loadavg, release, totalmem } from 'node:os';

export type MachineFacts = Readonly<Record<string, string | number>>;

const round = (value: number): number => Math.round(value * 100) / 100;

/** Read before measuring: the load average afterwards is our own. */
export function machineFacts(): MachineFacts {
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memory_mib: Math.round(totalmem() / 1024 ** 2),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load_average_before: round(loadavg()[0] ?? 0),
  };
}

/** Whether others used a noticeable part of the machine when measuring began. */
export function isBusy(machine: MachineFacts): boolean {
  return Number(machine['load_average_before']) > 0.3 * Number(machine['cpus']);
}
