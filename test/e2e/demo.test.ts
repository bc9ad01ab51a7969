// The demo's tour proves its own claims; here it must end well, with psql and without, and leave nothing.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { cli } from '../cli/run-cli.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sallyport-demo-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

/** Arguments of every process of this machine. */
const processes = () => spawnSync('ps', ['-ewwo', 'args'], { encoding: 'utf8' }).stdout;

describe('sallyport demo --once', () => {
  it.each(['psql', 'node-postgres'])('shows what it claims with %s', async (client) => {
    const dir = join(cwd, 'demo');
    const { code, out, err } = await cli(['demo', '--once', '--dir', dir], {
      cwd,
      env: { SALLYPORT_DEMO_CLIENT: client },
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('every step showed what it claims');
    expect(out.match(/✓/g)?.length).toBe(34);
    expect(processes()).not.toContain(dir);
    const log = readFileSync(join(dir, 'gateway.log'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(log.at(-1) ?? '')).toMatchObject({ event: 'stopped' });
  });

  it('takes no directory that it did not make', async () => {
    writeFileSync(join(cwd, 'precious'), '');
    const { code, err } = await cli(['demo', '--once', '--dir', cwd], { cwd });
    expect(code).toBe(1);
    expect(err).toContain('is not empty and no demo made it');
    expect(existsSync(join(cwd, 'precious'))).toBe(true);
  });
});
