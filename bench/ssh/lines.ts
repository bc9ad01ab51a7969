// How long a line typed into a shell takes until its output shows.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { requiredProgram } from '#lab';
import { spreadOf } from '../statistics.ts';
import type { Way } from './ways.ts';

const answerMsMax = 20_000;

/** Milliseconds from Enter to the output of `echo`, the median of `count` lines. */
export async function lineMilliseconds(way: Way, count: number): Promise<number> {
  const path = requiredProgram('ssh', 'openssh-client');
  const child = spawn(path, ['-tt', ...way.options, way.destination], { stdio: 'pipe' });
  try {
    const screen = new Screen(child);
    await screen.shows(/[#$] $/);
    const samples: number[] = [];
    for (let line = 0; line < count; line += 1) {
      const startedAt = performance.now();
      child.stdin.write(`true; echo $((${line} + 1000000))\r`);
      await screen.shows(new RegExp(`${line + 1_000_000}\\r`));
      samples.push(performance.now() - startedAt);
      await screen.shows(/[#$] $/);
    }
    return spreadOf(samples).median;
  } finally {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

class Screen {
  readonly #child: ChildProcessWithoutNullStreams;
  #unread = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#unread += text;
    });
  }

  async shows(pattern: RegExp): Promise<void> {
    const late = AbortSignal.timeout(answerMsMax);
    for (;;) {
      const found = pattern.exec(this.#unread);
      if (found !== null) {
        this.#unread = this.#unread.slice(found.index + found[0].length);
        return;
      }
      await once(this.#child.stdout, 'data', { signal: late });
    }
  }
}
