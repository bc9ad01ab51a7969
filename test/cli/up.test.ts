import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { callControl, controlSocket } from '../../control/index.ts';
import { cli, config, writeGateway } from './run-cli.ts';
import type { Gateway } from './run-cli.ts';

const launcher = fileURLToPath(new URL('../../bin/sallyport', import.meta.url));

let cwd: string;
let gateway: Gateway;
const children: ChildProcess[] = [];

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sallyport-up-'));
  gateway = writeGateway(cwd);
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  rmSync(cwd, { recursive: true });
});

interface Up {
  readonly child: ChildProcess;
  /** The next line of the operator log with this event. */
  readonly logged: (event: string) => Promise<Readonly<Record<string, unknown>>>;
}

function up(): Up {
  const child = spawn(launcher, ['up'], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  const lines = createInterface(child.stderr)[Symbol.asyncIterator]();
  const logged = async (event: string) => {
    for (;;) {
      const next = await lines.next();
      if (next.done === true) throw new Error(`the gateway ended without ${event}`);
      const line = JSON.parse(next.value) as Readonly<Record<string, unknown>>;
      if (line['event'] === event) return line;
    }
  };
  return { child, logged };
}

describe('sallyport up', () => {
  it('says where it listens and ends with 0 when told to', async () => {
    const { child, logged } = up();
    expect(await logged('ready')).toMatchObject({
      postgres: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      revision: expect.stringMatching(/^[0-9a-f]{16}$/),
      rejected: 0,
    });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await logged('stopping')).toMatchObject({ signal: 'SIGTERM' });
    await logged('stopped');
    expect(await exit).toEqual([0, null]);
    expect(existsSync(controlSocket(join(cwd, 'state')))).toBe(false);
  });

  it('has one gateway to a state directory', async () => {
    await up().logged('ready');
    const { code, err } = await cli(['up'], { cwd });
    expect(code).toBe(1);
    expect(err).toContain('state: another gateway uses this state directory\nhint: stop it first');
  });

  it('tells its status to who has a token, and answers approvals', async () => {
    await up().logged('ready');
    const socket = controlSocket(join(cwd, 'state'));
    const call = { socket, method: 'GET', path: '/status', token: gateway.tokens.ada } as const;
    expect(await callControl(call)).toMatchObject({
      kind: 'answered',
      body: { holds: 0, policy: { rejected: [], packages: { length: 6 } } },
    });
    const env = { SALLYPORT_TOKEN: gateway.tokens.dora };
    expect(await cli(['approvals', 'list'], { cwd, env })).toEqual({
      code: 0,
      out: '',
      err: 'nothing waits\n',
    });
    expect(await cli(['approvals', 'list', '--json'], { cwd, env })).toMatchObject({
      code: 0,
      out: '[]\n',
    });
    const unknown = await cli(['approvals', 'approve', 'a-1'], { cwd, env });
    expect(unknown).toMatchObject({ code: 1, err: expect.stringMatching(/^error: nothing waits/) });
    const stranger = await cli(['approvals', 'list'], { cwd, env: { SALLYPORT_TOKEN: 'slp_x' } });
    expect(stranger.err).toContain('the token is missing, unknown or expired');
  });

  it('reloads when hung up on, and keeps the last good policy', async () => {
    const { child, logged } = up();
    await logged('ready');
    writeFileSync(
      join(cwd, 'policies', 'new.rego'),
      'package rules.postgres.new\n\nimport rego.v1\n\nallow contains x\n',
    );
    child.kill('SIGHUP');
    expect(await logged('policy-rejected')).toMatchObject({ file: 'new.rego', line: 5 });
  });

  it('does not start on a wrong configuration', async () => {
    writeFileSync(join(cwd, 'sallyport.yaml'), config.replace('./secret', './no-secret'));
    const { code, err } = await cli(['up'], { cwd });
    expect(code).toBe(1);
    expect(err).toMatch(/^error: .*no-secret cannot be read$/m);
  });
});

describe('sallyport approvals', () => {
  it('exits 69 where no gateway answers', async () => {
    const env = { SALLYPORT_TOKEN: gateway.tokens.dora };
    const { code, err } = await cli(['approvals', 'list'], { cwd, env });
    expect(code).toBe(69);
    expect(err).toMatch(/^error: no gateway answers: .*\nhint: start it with sallyport up\n$/);
  });

  it('wants a token, and not on the command line', async () => {
    const { code, err } = await cli(['approvals', 'list'], { cwd });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error: there is no token to say who you are\nhint: give --token-file FILE or set SALLYPORT_TOKEN\n',
    });
    const file = await cli(['approvals', 'list', '--token-file', 'nowhere'], { cwd });
    expect(file).toMatchObject({ code: 1, err: 'error: nowhere: cannot be read\n' });
  });
});
