import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { cli } from './run-cli.ts';

const examples = fileURLToPath(new URL('../../policies/examples/postgres', import.meta.url));
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sallyport-policies-'));
});

afterEach(async () => {
  await rm(cwd, { recursive: true });
});

const rules = 'package p\n\nimport rego.v1\n\nallow if input.x == 1\n\ndeny if input.x == 2\n';
const half =
  'package p_test\n\nimport rego.v1\n\nimport data.p\n\ntest_allow if p.allow with input.x as 1\n';

describe('sallyport test', () => {
  it('passes the example policies, wholly covered', async () => {
    const { code, out } = await cli(['test', examples, '--json'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, coverage: { percent: 100 } });
  });

  it('says which lines no test reached', async () => {
    await writeFile(join(cwd, 'p.rego'), rules);
    await writeFile(join(cwd, 'p_test.rego'), half);
    const { code, out } = await cli(['test', '.', '--coverage'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^p\.rego {2}\d+(\.\d+)? % {2}not reached: 7\n1 passed, 0 failed, coverage/,
    );
  });

  it('fails with the place of the test that failed', async () => {
    await writeFile(join(cwd, 'p.rego'), rules);
    await writeFile(join(cwd, 'p_test.rego'), half.replace('as 1', 'as 3'));
    const { code, out } = await cli(['test', '.'], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/^p_test\.rego:7: fail: p_test\.test_allow\n/);
  });

  it('fails where there are no tests', async () => {
    await writeFile(join(cwd, 'p.rego'), rules);
    const { code, err } = await cli(['test', '.'], { cwd });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('there are no tests') });
  });
});

describe('sallyport fmt', () => {
  it('finds the example policies formatted', async () => {
    expect(await cli(['fmt', '--check', examples], { cwd })).toEqual({ code: 0, out: '', err: '' });
  });

  it('names and mends what is not', async () => {
    const ugly = 'package p\nimport rego.v1\nallow if   input.x==1\n';
    await writeFile(join(cwd, 'p.rego'), ugly);
    const check = await cli(['fmt', '--check'], { cwd });
    expect(check).toEqual({ code: 1, out: 'p.rego\n', err: '' });
    expect(await readFile(join(cwd, 'p.rego'), 'utf8')).toBe(ugly);
    expect(await cli(['fmt'], { cwd })).toEqual({ code: 0, out: 'p.rego\n', err: '' });
    expect(await cli(['fmt', '--check'], { cwd })).toMatchObject({ code: 0, out: '' });
  });
});
