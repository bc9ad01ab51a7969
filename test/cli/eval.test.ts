import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { cli, writeGateway } from './run-cli.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sallyport-eval-'));
  writeGateway(cwd);
});

afterAll(async () => {
  await rm(cwd, { recursive: true });
});

const evaluate = (...args: readonly string[]) => cli(['eval', ...args], { cwd });

const input = {
  kind: 'postgres',
  principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
  session: { id: 's', client: '127.0.0.1:1', application: 'psql', started_at: 0 },
  target: { name: 'shop', labels: { env: 'production' }, database: 'shop' },
  time: { epoch_ms: 0, weekday: 4, hour: 0, minute: 0 },
  statement: {
    command: 'DELETE',
    relations: [{ name: 'public.orders', access: 'write' }],
    columns: [],
    functions: [],
    where: false,
    limit: null,
    truncated: false,
    transaction: 'idle',
    so_far: { rows: 0, refused: 0, failed: 0, relations: [] },
  },
};

describe('sallyport eval', () => {
  it('allows with the rules that allow, and exits 0', async () => {
    const { code, out } = await evaluate('--groups', 'engineering,pii-readers', 'SELECT 1');
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        'allow  SELECT 1',
        '       engineers may read and write (rule-allow by rules.postgres.access)',
        '       fired policies/access.rego:11 rules.postgres.access.allow',
        '',
      ].join('\n'),
    });
  });

  it('denies with the rule and its place, and exits 10', async () => {
    const { code, out } = await evaluate('--as', 'ada', 'TRUNCATE orders');
    expect({ code, out }).toEqual({
      code: 10,
      out: [
        'deny   TRUNCATE orders',
        '       TRUNCATE is never allowed in production (rule-deny by rules.postgres.production)',
        '       fired policies/access.rego:11 rules.postgres.access.allow',
        '       fired policies/privacy.rego:9 rules.postgres.privacy.mask',
        '       fired policies/production.rego:9 rules.postgres.production.deny',
        '',
      ].join('\n'),
    });
  });

  it('holds with who must approve, and exits 11', async () => {
    const { code, out } = await evaluate('--as', 'ada', 'DELETE FROM orders');
    expect(code).toBe(11);
    expect(out).toContain('hold   DELETE FROM orders\n');
    expect(out).toContain('needs 1 of dba within 600 s\n');
    expect(out).toContain('masks public.users.email: partial\n');
  });

  it('takes the strictest of several statements', async () => {
    const { code, out } = await evaluate('--as', 'ada', 'SELECT 1; TRUNCATE orders');
    expect(code).toBe(10);
    expect(out).toMatch(/^allow {2}SELECT 1\n/);
    expect(out).toMatch(/^deny {3}TRUNCATE orders\n/m);
    expect(out).toMatch(/^deny {3}all of it\n/m);
  });

  it('tells a refusal that is not the policy’s', async () => {
    const { code, out } = await evaluate('--as', 'ada', 'SELEC 1');
    expect(code).toBe(10);
    expect(out).toMatch(/^deny {3}statement-unparsable: /);
  });

  it('decides at the time that it is given', async () => {
    const statement = ['--as', 'dora', 'ALTER TABLE orders ADD COLUMN note text'];
    const day = await evaluate('--time', '2026-11-18T12:00:00Z', ...statement);
    const night = await evaluate('--time', '2026-11-18T22:00:00Z', ...statement);
    expect(day.code).not.toBe(11);
    expect(night.out).toContain('schema change outside office hours');
  });

  it('says whether a catalog was saved', async () => {
    const { err } = await evaluate('--as', 'ada', 'SELECT 1');
    expect(err).toMatch(/^note: no catalog of shop\/shop is saved/);
  });

  it('reads SQL from a file and prints JSON', async () => {
    await writeFile(join(cwd, 'statement.sql'), 'DELETE FROM orders\n');
    const { code, out } = await evaluate('--as', 'ada', '--file', 'statement.sql', '--json');
    expect(code).toBe(11);
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'hold',
      catalog: null,
      statements: [
        {
          facts: { command: 'DELETE', where: false },
          verdict: 'hold',
          requirements: [{ groups: ['dba'], quorum: 1 }],
          fired: expect.arrayContaining([
            {
              package: 'rules.postgres.production',
              rule: 'approve',
              file: 'production.rego',
              line: 19,
            },
          ]),
        },
      ],
    });
  });

  it('takes an input document', async () => {
    await writeFile(join(cwd, 'input.json'), JSON.stringify(input));
    const { code, out } = await evaluate('--input', 'input.json');
    expect(code).toBe(11);
    expect(out).toContain('DELETE without WHERE in production');
  });

  it('refuses an input document that no gateway would make', async () => {
    const wrong = { ...input, statement: { ...input.statement, comand: 'DELETE' } };
    await writeFile(join(cwd, 'wrong.json'), JSON.stringify(wrong));
    expect(await evaluate('--input', 'wrong.json')).toEqual({
      code: 1,
      out: '',
      err: "error: wrong.json: statement: unknown key 'comand'\n",
    });
    await writeFile(
      join(cwd, 'wrong.json'),
      JSON.stringify({ ...input, time: { ...input.time, hour: 9 } }),
    );
    expect((await evaluate('--input', 'wrong.json')).err).toContain('time: is');
  });

  it.each([
    ['nobody', ['SELECT 1'], 'say who asks'],
    ['two askers', ['--as', 'ada', '--groups', 'x', 'SELECT 1'], 'say who asks'],
    ['a stranger', ['--as', 'eve', 'SELECT 1'], "names no 'eve', only ada, dora"],
    ['no statement', ['--as', 'ada'], 'give one of a statement, --file or --input'],
    [
      'another target',
      ['--as', 'ada', '--target', 'bank', 'SELECT 1'],
      "no target 'bank', only shop",
    ],
    ['no time', ['--as', 'ada', '--time', 'noon', 'SELECT 1'], "--time 'noon'"],
  ])('refuses %s', async (_what, args, words) => {
    const { code, err } = await evaluate(...args);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });

  it('does not decide by policies that are broken', async () => {
    const file = join(cwd, 'policies', 'broken.rego');
    await writeFile(file, 'package rules.postgres.broken\n\nimport rego.v1\n\nallow contains x\n');
    const { code, out, err } = await evaluate('--as', 'ada', 'SELECT 1');
    await rm(file);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: policies\/broken\.rego:5: /);
  });
});
