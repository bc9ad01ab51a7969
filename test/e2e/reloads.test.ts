// Reloads under load, some of broken bundles; `npm run soak -- reloads` does a thousand of them.
// In a process of their own: what earlier suites left on the heap would be collected in these turns.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, it } from '@jest/globals';

import type { ReloadsReport } from '../soak/reloads.ts';

const run = promisify(execFile);
const soak = fileURLToPath(new URL('../soak/main.ts', import.meta.url));
const count = 40;
const patienceMilliseconds = 180_000;

describe('forty reloads of a thousand rules while decisions are made', () => {
  let report: ReloadsReport;

  beforeAll(async () => {
    const { stdout } = await run(process.execPath, [soak, 'reloads', '--count', `${count}`]);
    report = JSON.parse(stdout) as ReloadsReport;
  }, patienceMilliseconds);

  it('decide as the generation in force does, each time', () => {
    expect(report.wrong).toBe(0);
    expect(report.decisions).toBeGreaterThan(10_000);
  });

  it('keep the last good generation where a bundle is broken', () => {
    expect(report).toMatchObject({ loaded: 30, compiled: 2, rejected: 10 });
  });

  it('hold the thread of the sessions for 20 ms at most, nine times of ten', () => {
    expect(report.usualStall).toBeLessThanOrEqual(20);
  });

  it('leave no memory of policies behind', () => {
    expect(report.end.externalMb).toBeLessThan(report.warm.externalMb * 1.1);
  });
});
