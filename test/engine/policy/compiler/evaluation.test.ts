// Evaluating: compiled modules against OPA's own evaluator, tests, formatting, the cache, the worker's life.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import capabilities from '../../../../engine/policy/compiler/capabilities.json' with { type: 'json' };
import type { PolicyFile } from '../../../../engine/policy/compiler/index.ts';
import { Compiler } from '../../../../engine/policy/compiler/index.ts';
import { inputDocument } from '../../../../engine/policy/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { builtinCases, caseHeader } from './builtin-cases.ts';
import { policyQuestion } from './policy-inputs.ts';
import { compiled, compiler, judging, read, rego, rule, rulingOf, shop } from './support.ts';

afterAll(() => compiler.close());

/** Holds the module in force and the explaining one to OPA's own evaluator. */
async function expectEqual(files: readonly PolicyFile[], runs: number): Promise<void> {
  const judge = await judging(await compiled(files));
  await fc.assert(
    fc.asyncProperty(policyQuestion, async (asked) => {
      const { statement, session, now } = asked;
      const input = { ...inputDocument(statement, session, now), nonce: 'n1' };
      const reference = await compiler.evaluate(files, input);
      const explained = await compiler.explain(files, input);
      expect(explained).toEqual(reference);
      if (!reference.ok) throw new Error(JSON.stringify(reference.diagnostics));
      expect(judge(asked)).toEqual(rulingOf(reference.explanation.result));
    }),
    { numRuns: runs },
  );
}

describe('builtins', () => {
  it('answers the same compiled as by OPA, for each that is allowed', async () => {
    expect(Object.keys(builtinCases).sort()).toEqual(capabilities.builtins.toSorted());
    const rules = Object.entries(builtinCases).flatMap(([name, { truths = [], texts = [] }]) => [
      ...truths.map((truth, i) => `allow contains "${name} ${i}" if { ${truth} }`),
      ...texts.map((text, i) => `allow contains concat("", ["${name}=${i} ", v]) if v := ${text}`),
    ]);
    await expectEqual(rego([caseHeader, ...rules, ''].join('\n')), 150);
  });
});

describe('explain', () => {
  const input = {
    nonce: 'n1',
    kind: 'postgres',
    principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
    target: { labels: { env: 'production' } },
    time: { weekday: 1, hour: 20, minute: 0 },
    statement: { command: 'TRUNCATE', relations: [], where: false, truncated: false },
  };

  it('names the contributions that were made and where they stand', async () => {
    expect(await compiler.explain(shop, input)).toEqual({
      ok: true,
      explanation: {
        result: {
          nonce: 'n1',
          verdict: 'deny',
          code: 'rule-deny',
          reasons: [{ rule: 'no-truncate', message: 'ada may not truncate' }],
          approvals: [],
          masks: [],
        },
        fired: [
          { package: 'rules.postgres.hours', rule: 'approve', file: 'hours.rego', line: 3 },
          { package: 'rules.postgres.hours', rule: 'mask', file: 'hours.rego', line: 14 },
          { package: 'rules.postgres.production', rule: 'allow', file: 'production.rego', line: 7 },
          { package: 'rules.postgres.production', rule: 'deny', file: 'production.rego', line: 9 },
          { package: 'rules.postgres.production', rule: 'mask', file: 'production.rego', line: 30 },
        ],
      },
    });
  });

  it('answers as OPA and as the deciding module, whatever the facts', async () => {
    await expectEqual(shop, 150);
  });

  it('answers so for contributions that only show themselves malformed at run time', async () => {
    const loose = `package rules.postgres.loose

object(x) := x

deny contains object(input.statement.columns) if count(input.statement.columns) > 2
allow contains object(input.principal.id)
approve contains object({"msg": input.principal.id, "groups": input.principal.groups}) if {
	input.statement.where
}
mask contains object({"column": x, "strategy": "hash"}) if some x in input.statement.columns
mask contains object({"column": x, "strategy": "fixed"}) if some x in input.statement.functions
`;
    await expectEqual(rego(loose), 100);
  });
});

describe('test', () => {
  it('passes the resolver through its own tests', async () => {
    const run = await compiler.test(read('policies/lib', (name) => name.endsWith('_test.rego')));
    expect(run.ok && run.report.results.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(run.ok && run.report.results.length).toBeGreaterThan(15);
  });

  it('reports outcomes with places, and the lines that no test reached', async () => {
    const more = `package more_test

import data.rules.postgres.hours

test_fails if {
	true
	count(hours.approve) == 7
}

todo_test_later if false

test_rows[name] if {
	some name, row in {"good": true, "bad": false}
	row
}
`;
    const run = await compiler.test([...shop, { path: 'more_test.rego', text: more }]);
    if (!run.ok) throw new Error(JSON.stringify(run.diagnostics));
    const failing = run.report.results.filter(({ outcome }) => outcome !== 'pass');
    expect(failing).toEqual([
      {
        package: 'more_test',
        name: 'test_fails',
        file: 'more_test.rego',
        line: 5,
        outcome: 'fail',
        output: 'more_test.rego:7: not true: count(hours.approve) == 7',
      },
      {
        package: 'more_test',
        name: 'todo_test_later',
        file: 'more_test.rego',
        line: 10,
        outcome: 'skip',
      },
      {
        package: 'more_test',
        name: 'test_rows',
        file: 'more_test.rego',
        line: 12,
        outcome: 'fail',
        output: 'not true for: bad',
      },
    ]);
    const { percent, files } = run.report.coverage;
    expect(percent).toBeGreaterThan(10);
    expect(files.map(({ file }) => file)).toEqual(['hours.rego', 'production.rego', 'roles.rego']);
    expect(files.at(-1)).toEqual({ file: 'roles.rego', percent: 50, notCovered: [[5, 5]] });
  });
});

describe('format', () => {
  it('writes the house style and says what changed', async () => {
    const result = await compiler.format([
      { path: 'a.rego', text: 'package   a\nx:=1' },
      { path: 'b.rego', text: 'package b\n\nx := 1\n' },
      { path: 'data.json', text: '{ }' },
    ]);
    expect(result).toEqual({
      ok: true,
      files: [
        { path: 'a.rego', text: 'package a\n\nx := 1\n', changed: true },
        { path: 'b.rego', text: 'package b\n\nx := 1\n', changed: false },
      ],
    });
  });

  it('finds the shipped policies formatted', async () => {
    const result = await compiler.format(read('policies/lib'));
    expect(result.ok && result.files.filter(({ changed }) => changed)).toEqual([]);
  });

  it('reports what cannot be parsed', async () => {
    expect(await compiler.format(rego('package'))).toMatchObject({
      ok: false,
      diagnostics: [{ file: 'policy.rego', line: 1 }],
    });
  });
});

describe('the cache', () => {
  it('answers without the toolchain what was compiled, tested or explained before', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-compiler-'));
    const cached = () => new Compiler({ cacheDirectory: directory, idleMilliseconds: 60_000 });
    const input = { nonce: 'n', statement: {} };
    const ask = async (one: Compiler) => [
      await one.compile(shop),
      await one.test(shop),
      await one.explain(shop, input),
      await one.compile(rule('deny contains 7')),
    ];
    const [first, second, third] = [cached(), cached(), cached()];
    try {
      const answers = await ask(first);
      expect(await ask(second)).toEqual(answers);
      expect([first.running, second.running]).toEqual([true, false]);
      for (const name of readdirSync(directory)) writeFileSync(join(directory, name), 'broken');
      expect(await ask(third)).toEqual(answers);
      expect(third.running).toBe(true);
    } finally {
      await Promise.all([first.close(), third.close()]);
      rmSync(directory, { recursive: true });
    }
  });
});

describe('the toolchain', () => {
  it('answers requests made at once, each with its own answer', async () => {
    const texts = ['a', 'b', 'c'].map((name) => rego(`package ${name}\n`, `${name}.rego`));
    const results = await Promise.all(texts.map((files) => compiler.format(files)));
    expect(results.map((result) => result.ok && result.files[0]?.path)).toEqual([
      'a.rego',
      'b.rego',
      'c.rego',
    ]);
  });

  it('is ended when late, and started again for the next request', async () => {
    const impatient = new Compiler({ requestMilliseconds: 1 });
    const late = { name: 'PolicyError', code: 'compiler-failed' };
    const both = [impatient.compile(shop), impatient.compile(shop)];
    await expect(both[0]).rejects.toMatchObject(late);
    await expect(both[1]).rejects.toMatchObject(late);
    expect(impatient.running).toBe(false);
  });

  it('rejects what is under way when closed', async () => {
    const closed = new Compiler();
    const running = closed.compile(shop);
    const rejected = expect(running).rejects.toMatchObject({ code: 'compiler-failed' });
    await closed.close();
    await rejected;
  });

  it('is ended when idle', async () => {
    const idle = new Compiler({ idleMilliseconds: 1 });
    await idle.format(rego('package a\n'));
    expect(idle.running).toBe(true);
    await eventually('the idle toolchain ends', () => Promise.resolve(!idle.running));
    expect(await idle.format(rego('package a\n'))).toMatchObject({ ok: true });
    await idle.close();
  });
});
