// What a process of Node holds when all of its garbage was collected: by its inspector, which a signal opens, so that it runs as it
// is shipped until it is weighed.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** Of the environment it is started with: a port that is free. */
export const inspectable = { NODE_OPTIONS: '--inspect-port=0' };

const times = 3;
const openMsMax = 10_000;

export class Inspected implements Disposable {
  readonly #pid: number;
  readonly #socket: WebSocket;
  #asked = 0;

  private constructor(pid: number, socket: WebSocket) {
    this.#pid = pid;
    this.#socket = socket;
  }

  /** @param said What it has written to its standard error. */
  static async open(pid: number, said: () => string): Promise<Inspected> {
    process.kill(pid, 'SIGUSR1');
    const late = AbortSignal.timeout(openMsMax);
    for (;;) {
      const address = /ws:\/\/[\d.]+:\d+\/[\da-f-]+/.exec(said())?.[0];
      if (address !== undefined) {
        const socket = new WebSocket(address);
        await once(socket, 'open', { signal: late });
        return new Inspected(pid, socket);
      }
      late.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Resident, in kibibytes. */
  async weigh(): Promise<number> {
    for (let time = 0; time < times; time += 1) await this.#collect();
    const status = readFileSync(`/proc/${this.#pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #collect(): Promise<void> {
    const id = (this.#asked += 1);
    const answered = new Promise<void>((resolve) => {
      const hear = ({ data }: MessageEvent): void => {
        if ((JSON.parse(String(data)) as { readonly id?: number }).id !== id) return;
        this.#socket.removeEventListener('message', hear);
        resolve();
      };
      this.#socket.addEventListener('message', hear);
    });
    this.#socket.send(JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' }));
    await answered;
  }
}
