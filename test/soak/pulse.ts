// How long the thread that serves sessions was busy at a stretch, and what its process holds.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Stall {
  readonly wall: number;
  /** Milliseconds of this thread: the rest of `wall` went to other threads and programs. */
  readonly own: number;
}

/** To be told of each turn of the event loop. */
export class Pulse {
  #last = performance.now();
  #cpu = process.threadCpuUsage();
  readonly #longest = { wall: 0, own: 0 };

  turn(): void {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(this.#cpu);
    this.#longest.wall = Math.max(this.#longest.wall, now - this.#last);
    this.#longest.own = Math.max(this.#longest.own, (user + system) / 1000);
    this.#last = now;
    this.#cpu = process.threadCpuUsage();
  }

  /** Milliseconds, since they were last taken. */
  takeLongest(): Stall {
    const longest = { ...this.#longest };
    Object.assign(this.#longest, { wall: 0, own: 0 });
    return longest;
  }

  /** Leaves out what happened since the last turn. */
  resume(): void {
    this.#last = performance.now();
    this.#cpu = process.threadCpuUsage();
  }
}

export interface Held {
  readonly residentMb: number;
  /** Of WebAssembly memories and buffers. */
  readonly externalMb: number;
  readonly heapMb: number;
}

const megabyte = 1024 * 1024;

/** After all garbage was collected. */
export function held(): Held {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { rss, external, heapUsed } = process.memoryUsage();
  return {
    residentMb: rss / megabyte,
    externalMb: external / megabyte,
    heapMb: heapUsed / megabyte,
  };
}
