import { symlink, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { hashToken } from '../../engine/identity/index.ts';
import { cli } from './run-cli.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sallyport-cli-'));
});

afterAll(async () => {
  await rm(cwd, { recursive: true });
});

describe('the command line', () => {
  it('explains itself', async () => {
    const { code, out } = await cli(['--help'], { cwd });
    expect(code).toBe(0);
    for (const command of [
      'up',
      'check',
      'test',
      'fmt',
      'eval',
      'approvals',
      'sessions',
      'token',
      'demo',
    ]) {
      expect(out).toContain(`sallyport ${command}`);
    }
  });

  it('is found through a link, from anywhere', async () => {
    const launcher = fileURLToPath(new URL('../../bin/sallyport', import.meta.url));
    await symlink(launcher, join(cwd, 'one'));
    await symlink('one', join(cwd, 'two'));
    const { code, out } = await cli(['--version'], { cwd, launcher: join(cwd, 'two') });
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    ['no command', [], 'error: name a command\n'],
    ['an unknown command', ['nonsense'], 'error: unknown argument: nonsense\n'],
    ['an unknown option', ['check', '--fast'], 'error: unknown argument: fast\n'],
    [
      'half a group',
      ['sessions'],
      'error: name what to do: list, show, verify, replay or export\n',
    ],
    ['a missing id', ['approvals', 'approve'], 'error: not enough non-option arguments'],
    ['a missing option', ['token'], 'error: missing required argument: id\n'],
  ])('refuses %s', async (_what, args, words) => {
    const { code, out, err } = await cli(args, { cwd });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
    expect(err).toContain('hint: see sallyport --help\n');
  });
});

describe('sallyport token', () => {
  it('prints a token once and the entry that knows it', async () => {
    const args = ['token', '--id', 'bot@example.com', '--groups', 'a, b', '--kind', 'workload'];
    const { code, out, err } = await cli(args, { cwd });
    const [token = '', ...entry] = out.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(token).toMatch(/^slp_[\w-]{32}$/);
    expect(entry).toEqual([
      '  - id: bot@example.com',
      '    kind: workload',
      '    groups:',
      '      - a',
      '      - b',
      `    hash: ${hashToken(token)}`,
    ]);
    expect(err).toContain('shown only now');
  });

  it('prints JSON', async () => {
    const args = ['token', '--id', 'ada', '--expires', '2030-01-31T18:00:00Z', '--json'];
    const { out } = await cli(args, { cwd });
    const { token, entry } = JSON.parse(out) as { token: string; entry: object };
    expect(entry).toEqual({
      id: 'ada',
      groups: [],
      hash: hashToken(token),
      expires: '2030-01-31T18:00:00Z',
    });
  });

  it('refuses a time that is none', async () => {
    const { code, err } = await cli(['token', '--id', 'ada', '--expires', 'soon'], { cwd });
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("--expires 'soon'") });
  });
});
