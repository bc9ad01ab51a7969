// git over HTTPS through the gateway, unchanged: clone, fetch and push, and what it says of a push that is denied.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { TemporaryDirectory } from '#lab';
import { requiredProgram, temporaryDirectory } from '#lab';
import { gitBackend } from '../../support/git-backend.ts';
import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import type { HttpsTarget } from '../../support/https-target.ts';
import { startHttpsTarget } from '../../support/https-target.ts';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram } from '../../support/program.ts';

const policies = {
  'git.rego': `package rules.http.git

import rego.v1

pushes if endswith(input.statement.path, "/git-receive-pack")

pushes if {
  some {"name": "service", "value": "git-receive-pack"} in input.statement.query
}

allow contains "everybody may read" if not pushes

allow contains "this one is for trying things" if startswith(input.statement.path, "/sandbox.git/")

deny contains "released.git changes by review only" if {
  pushes
  startswith(input.statement.path, "/released.git/")
}
`,
};

let directory: TemporaryDirectory;
let server: HttpsTarget;
let gateway: HttpGateway;
/** Of the gateway; nothing before it runs. */
let caFile = '';

beforeAll(async () => {
  directory = await temporaryDirectory('sallyport-git-');
  for (const name of ['sandbox.git', 'released.git']) {
    await git(['init', '--quiet', '--bare', '--initial-branch=main', join('root', name)]);
  }
  server = await startHttpsTarget(gitBackend(join(directory.path, 'root')));
  gateway = await HttpGateway.start({ targets: { git: httpTarget(server) }, policies });
  ({ caFile } = gateway);
  const seed = join(directory.path, 'seed');
  await succeeds(['init', '--quiet', '--initial-branch=main', seed]);
  await commit(seed, 'README', Buffer.from('first'));
  for (const name of ['sandbox.git', 'released.git']) {
    await succeeds(['push', '--quiet', join(directory.path, 'root', name), 'main'], seed);
  }
});

afterAll(async () => {
  await gateway.stop();
  await server[Symbol.asyncDispose]();
  await directory.remove();
});

/** As somebody without settings; for the gateway's host a helper knows the token, as `git credential` would. */
function git(args: readonly string[], cwd = directory.path, token = ''): Promise<ProgramResult> {
  const helper = `!echo username=ada; echo password=${token}; :`;
  const settings = ['-c', `credential.helper=${token === '' ? '' : helper}`];
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  const env = {
    PATH: process.env['PATH'],
    HOME: directory.path,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSL_CAINFO: caFile,
  };
  return runProgram(requiredProgram('git', 'git'), [...settings, ...identity, ...args], {
    env,
    cwd,
  });
}

async function succeeds(args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await git(args, cwd, gateway.token());
  expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function commit(cwd: string, file: string, content: Buffer): Promise<void> {
  await writeFile(join(cwd, file), content);
  await succeeds(['add', file], cwd);
  await succeeds(['commit', '--quiet', '-m', file], cwd);
}

const urlOf = (repository: string): string => `https://git.localhost:${gateway.port}/${repository}`;

async function clone(repository: string, as: string): Promise<string> {
  const path = join(directory.path, as);
  await succeeds(['clone', '--quiet', urlOf(repository), path]);
  return path;
}

describe('git', () => {
  it.each(['0', '2'])('clones, by version %s of its protocol', async (version) => {
    const path = join(directory.path, `clone-${version}`);
    await succeeds(['-c', `protocol.version=${version}`, 'clone', urlOf('released.git'), path]);
    expect(await readFile(join(path, 'README'), 'utf8')).toBe('first');
  });

  it('pushes, and fetches what was pushed', async () => {
    const [one, other] = [await clone('sandbox.git', 'one'), await clone('sandbox.git', 'other')];
    await commit(one, 'second', Buffer.from('second'));
    await succeeds(['push', '--quiet', 'origin', 'main'], one);
    await succeeds(['pull', '--quiet', '--ff-only'], other);
    expect(await readFile(join(other, 'second'), 'utf8')).toBe('second');
  });

  it('pushes more than it sends with a length', async () => {
    const path = await clone('sandbox.git', 'large');
    const content = randomBytes(3 << 20);
    await commit(path, 'large.bin', content);
    // curl before 8 stalls over HTTP/2 when it is answered before all is sent, as git's own backend does.
    await succeeds(['-c', 'http.version=HTTP/1.1', 'push', '--quiet', 'origin', 'main'], path);
    const again = await clone('sandbox.git', 'large-again');
    expect((await readFile(join(again, 'large.bin'))).equals(content)).toBe(true);
  });

  it('shows why a push is denied', async () => {
    const path = await clone('released.git', 'denied');
    await commit(path, 'mine', Buffer.from('mine'));
    const { code, stderr } = await git(['push', 'origin', 'main'], path, gateway.token());
    expect(code).toBe(128);
    expect(stderr).toContain('remote: sallyport: released.git changes by review only');
    expect(stderr).toContain('The requested URL returned error: 403');
    const refs = await succeeds(['ls-remote', urlOf('released.git'), 'main']);
    expect(refs).not.toContain(await succeeds(['rev-parse', 'HEAD'], path));
  });

  it('is asked for a token, and says so when it is wrong', async () => {
    const none = await git(['ls-remote', urlOf('released.git')]);
    expect(none.stderr).toContain('could not read Username');
    const wrong = await git(['ls-remote', urlOf('released.git')], directory.path, 'wrong');
    expect(wrong.stderr).toContain('remote: sallyport: the token is unknown or expired');
    expect(wrong.stderr).toContain('Authentication failed');
  });
});
