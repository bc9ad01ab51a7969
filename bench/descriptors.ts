// How many files and sockets a process of ours may have open (proc(5), /proc/self/limits); Node asks for all of them.

import { readFileSync } from 'node:fs';

/** What most systems allow at least, where there is no procfs. */
const usual = 4096;

export function descriptorsMax(): number {
  if (process.platform !== 'linux') return usual;
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? usual : Number(soft);
}
