import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { cli, config, writeGateway } from './run-cli.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sallyport-check-'));
  writeGateway(cwd);
});

beforeEach(async () => {
  await writeFile(join(cwd, 'sallyport.yaml'), config);
});

afterAll(async () => {
  await rm(cwd, { recursive: true });
});

describe('sallyport check', () => {
  it('is content with a whole gateway', async () => {
    const { code, out, err } = await cli(['check'], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^ok: revision [0-9a-f]{16}, [1-9][0-9]* packages, [1-9][0-9]* tests passed\n$/,
    );
  });

  it('answers as JSON', async () => {
    const { code, out } = await cli(['check', '--json'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      mistakes: [],
      warnings: [],
      policies: {
        tests: expect.any(Number),
        packages: expect.arrayContaining(['rules.postgres.production']),
      },
    });
  });

  it('names the path of each mistake in the configuration', async () => {
    const wrong = config
      .replace('state: ./state\n', '')
      .replace('user: gateway', 'user: 7')
      .replace('labels:', 'lables:');
    await writeFile(join(cwd, 'sallyport.yaml'), wrong);
    const { code, err } = await cli(['check'], { cwd });
    expect(code).toBe(1);
    expect(err.split('\n').sort()).toEqual([
      '',
      "error: sallyport.yaml: (top): key 'state' is missing",
      'error: sallyport.yaml: targets.shop.credential.user: must be string',
      "error: sallyport.yaml: targets.shop: unknown key 'lables'",
    ]);
  });

  it('says that there is no configuration', async () => {
    const { code, err } = await cli(['check', '--config', 'nowhere.yaml'], { cwd });
    expect({ code, err }).toEqual({
      code: 1,
      err: [
        'error: nowhere.yaml: cannot be read',
        'hint: name the file with --config, or start in its directory',
        '',
      ].join('\n'),
    });
  });

  it('finds what the configuration refers to and is not there', async () => {
    const wrong = config
      .replace('./tokens.yaml', './no-tokens.yaml')
      .replace('./secret', './no-secret')
      .replace('gateway.key', 'gateway.crt')
      .replace('./policies', './no-policies');
    await writeFile(join(cwd, 'sallyport.yaml'), wrong);
    const { code, err } = await cli(['check'], { cwd });
    expect(code).toBe(1);
    for (const words of [
      'no-tokens.yaml: cannot be read',
      'no-secret cannot be read',
      'gateway.crt: is no pair with',
      'no-policies: cannot be read',
    ]) {
      expect(err).toContain(words);
    }
  });

  it('finds what the ways of proving who one is refer to and is not there', async () => {
    const identity = `identity:
  tokens: ./tokens.yaml
  client_certificates: {ca: ./tokens.yaml, id: cn, principals: ./none.yaml}
  oidc:
    issuer: https://id.example.com
    audience: sallyport
    ca: ./none.crt
    login: {client_id: gateway, client_secret: {file: ./none}}
`;
    await writeFile(join(cwd, 'sallyport.yaml'), config.replace(/^identity:.*\n/m, identity));
    const { code, err } = await cli(['check'], { cwd });
    expect(code).toBe(1);
    const errors = err.split('\n').filter((line) => line.startsWith('error:'));
    expect(errors).toEqual([
      expect.stringMatching(/tokens\.yaml: holds no PEM certificates$/),
      expect.stringMatching(/none\.yaml: cannot be read$/),
      expect.stringMatching(/none\.crt: cannot be read$/),
      expect.stringMatching(/the secret file .*none cannot be read$/),
    ]);
  });

  it('names file and line of a mistake in a policy', async () => {
    const file = join(cwd, 'policies', 'broken.rego');
    await writeFile(
      file,
      'package rules.postgres.broken\n\nimport rego.v1\n\nallow contains "x" if input.statement.comand == "SELECT"\n',
    );
    const { code, err } = await cli(['check'], { cwd });
    await rm(file);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: policies\/broken\.rego:5: .*comand/);
  });

  it('runs the tests', async () => {
    const file = join(cwd, 'policies', 'failing_test.rego');
    await writeFile(file, 'package failing_test\n\nimport rego.v1\n\ntest_no if 1 == 2\n');
    const { code, err } = await cli(['check'], { cwd });
    await rm(file);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error: policies/failing_test.rego:5: test test_no of failing_test does not pass\n',
    });
  });

  it('warns of what works and should not be', async () => {
    await writeFile(
      join(cwd, 'sallyport.yaml'),
      config.replace('tls: {', 'tls: {insecure_allow_plaintext: true, '),
    );
    await appendFile(
      join(cwd, 'tokens.yaml'),
      `  - {id: old, hash: "sha256:${'0'.repeat(64)}", expires: "2020-01-01T00:00:00Z"}\n`,
    );
    chmodSync(join(cwd, 'tls/gateway.key'), 0o644);
    const { code, err, out } = await cli(['check'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok: /);
    expect(err).toContain('the token of old has expired');
    expect(err).toContain('other users of this machine can read the private key');
    expect(err).toContain('tls.insecure_allow_plaintext');
  });
});
