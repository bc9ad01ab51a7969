// npm with a registry behind the gateway, unchanged: view, install, and what it says of a publication that is denied.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { TemporaryDirectory } from '#lab';
import { requiredProgram, temporaryDirectory } from '#lab';
import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import type { HttpsTarget } from '../../support/https-target.ts';
import { startHttpsTarget } from '../../support/https-target.ts';
import { npmRegistry } from '../../support/npm-registry.ts';
import type { ProgramResult } from '../../support/program.ts';
import { runProgram, runToSuccess } from '../../support/program.ts';

const policies = {
  'npm.rego': `package rules.http.npm

import rego.v1

allow contains "everybody may install" if input.statement.command in {"GET", "HEAD"}

deny contains "packages of @lab are published by the build" if {
  input.statement.command == "PUT"
  startswith(input.statement.path, "/@lab")
}
`,
};

const description = { name: '@lab/greeting', version: '1.2.3', main: 'index.js' };
const asked: string[] = [];
let directory: TemporaryDirectory;
let registry: HttpsTarget;
let gateway: HttpGateway;

beforeAll(async () => {
  directory = await temporaryDirectory('sallyport-npm-');
  await writePackage();
  const file = join(directory.path, 'package.tgz');
  const tar = requiredProgram('tar', 'tar');
  await runToSuccess(tar, ['-C', directory.path, '-czf', file, 'package'], { env: process.env });
  const tarball = await readFile(file);
  registry = await startHttpsTarget(
    npmRegistry({ ...description, tarball }, (line) => asked.push(line)),
  );
  const npm = { ...httpTarget(registry), encoded_slash: true, hosts: ['localhost'] };
  gateway = await HttpGateway.start({ targets: { npm }, policies });
});

afterAll(async () => {
  await gateway.stop();
  await registry[Symbol.asyncDispose]();
  await directory.remove();
});

/** As it stands in every npm tarball: below `package/`. */
async function writePackage(): Promise<void> {
  const path = join(directory.path, 'package');
  await mkdir(path);
  await writeFile(join(path, 'package.json'), JSON.stringify(description));
  await writeFile(join(path, 'index.js'), "module.exports = 'hello';\n");
}

/** npm asks the system where names are, which may not know those below localhost: it calls the target localhost. */
async function npm(
  args: readonly string[],
  cwd: string,
  token = gateway.token(),
): Promise<ProgramResult> {
  const settings = join(directory.path, 'npmrc');
  const host = `//localhost:${gateway.port}/`;
  const lines = [
    `registry=https:${host}`,
    `cafile=${gateway.caFile}`,
    `${host}:_authToken=${token}`,
  ];
  const quiet = ['audit=false', 'fund=false', 'update-notifier=false', 'fetch-retries=0'];
  await writeFile(settings, [...lines, ...quiet, ''].join('\n'));
  const env = {
    PATH: process.env['PATH'],
    HOME: directory.path,
    NPM_CONFIG_USERCONFIG: settings,
    NPM_CONFIG_CACHE: join(directory.path, 'cache'),
  };
  return runProgram(requiredProgram('npm', 'npm'), args, { env, cwd });
}

describe('npm', () => {
  it('views a scoped package, whose slash is encoded', async () => {
    const { code, stdout } = await npm(['view', description.name, 'version'], directory.path);
    expect({ code, version: stdout.trim() }).toEqual({ code: 0, version: '1.2.3' });
    expect(asked).toContain('GET /@lab%2fgreeting');
  });

  it('installs it', async () => {
    const project = join(directory.path, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{"name": "project", "version": "1.0.0"}');
    const { code, stderr } = await npm(['install', description.name], project);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const installed = join(project, 'node_modules', description.name, 'index.js');
    expect(await readFile(installed, 'utf8')).toContain('hello');
    expect(asked).toContain('GET /@lab/greeting/-/greeting-1.2.3.tgz');
  });

  it('shows why a publication is denied, which never comes to the registry', async () => {
    const next = join(directory.path, 'package');
    const changed = JSON.stringify({ ...description, version: '2.0.0' });
    await writeFile(join(next, 'package.json'), changed);
    const { code, stderr } = await npm(['publish'], next);
    expect(code).toBe(1);
    expect(stderr).toContain('403');
    expect(stderr).toContain('sallyport: packages of @lab are published by the build');
    expect(asked.filter((line) => line.startsWith('PUT'))).toEqual([]);
  });

  it('says that a token is wrong', async () => {
    const { code, stderr } = await npm(['view', description.name], directory.path, 'wrong');
    expect(code).toBe(1);
    expect(stderr).toContain('E401');
  });
});
