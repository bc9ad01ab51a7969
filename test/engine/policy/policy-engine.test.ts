import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Json, Session } from '../../../engine/model/index.ts';
import { decisionId, defaultLimits, sessionId } from '../../../engine/model/index.ts';
import type { PolicyFile } from '../../../engine/policy/index.ts';
import { Compiler, PolicyEngine } from '../../../engine/policy/index.ts';

const session: Session = {
  id: sessionId('s1'),
  host: 'postgres',
  principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
  target: { name: 'shop', labels: { env: 'production' }, database: 'shop' },
  client: '127.0.0.1',
  clientPort: 1,
  application: 'psql',
  startedAt: 0,
};

const facts = {
  command: 'SELECT',
  relations: [],
  columns: [],
  functions: [],
  where: true,
  limit: null,
  truncated: false,
};

const rego = (body: string, path = 'policy.rego'): PolicyFile => ({
  path,
  text: `package rules.postgres.test\n\nimport rego.v1\n\n${body}\n`,
});
const allowUnlessDenied = rego(`allow contains "everything"
deny contains "no DROP" if input.statement.command == "DROP TABLE"
deny contains "no such name" if input.session.application == "evil\\ufffd"
deny contains "no such column" if count(input.statement.columns) == 7`);

describe('PolicyEngine', () => {
  const compiler = new Compiler();
  let engine: PolicyEngine;
  let now = Date.UTC(2026, 10, 21, 14, 30);

  const decide = (more: Readonly<Record<string, Json>> = {}, as: Partial<Session> = {}) =>
    engine.decide(
      { kind: 'postgres', facts: { ...facts, ...more }, text: '' },
      { ...session, ...as },
    );

  beforeAll(async () => {
    let count = 0;
    engine = new PolicyEngine({
      compiler,
      limits: defaultLimits,
      now: () => now,
      nextDecisionId: () => decisionId(`d${(count += 1)}`),
    });
    expect(decide()).toMatchObject({ verdict: 'deny', reasons: [{ code: 'no-policy' }] });
    expect((await engine.load([allowUnlessDenied])).kind).toBe('loaded');
  });

  afterAll(() => compiler.close());

  it('stamps each decision with its own id and the revision', () => {
    const [one, two] = [decide(), decide()];
    expect(one).toMatchObject({ verdict: 'allow', reasons: [{ code: 'rule-allow' }] });
    expect(one.id).not.toBe(two.id);
    expect(one.revision).toBe(engine.generation?.revision);
    expect(one.revision).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps the parts of many sessions apart, also when they are too many to keep', () => {
    const groups = Array.from({ length: 500 }, (_, index) => `group-${index}-${'x'.repeat(40)}`);
    for (let index = 0; index < 300; index += 1) {
      const application = index % 3 === 0 ? 'evil\ufffd' : `fine-${index}`;
      const as = { application, principal: { ...session.principal, groups } };
      expect(decide({}, as).verdict).toBe(index % 3 === 0 ? 'deny' : 'allow');
    }
    expect(decide().verdict).toBe('allow');
  });

  it('denies input that the module cannot hold, and the next decision is right', () => {
    const columns = Array.from({ length: 5000 }, (_, index) => `public.t.column_${index}`);
    expect(decide({ columns })).toMatchObject({
      verdict: 'deny',
      reasons: [{ code: 'policy-error' }],
    });
    expect(decide().verdict).toBe('allow');
    expect(decide({ command: 'DROP TABLE' }).verdict).toBe('deny');
  });

  it('denies input whose nesting breaks the module, and the next decision is right', () => {
    let nested: Json = [];
    for (let depth = 0; depth < 20_000; depth += 1) nested = [nested];
    expect(decide({ columns: nested }).verdict).toBe('deny');
    expect(decide().verdict).toBe('allow');
    expect(decide({ command: 'DROP TABLE' }).verdict).toBe('deny');
  });

  it('gives the module well-formed text only', () => {
    expect(decide({}, { application: 'evil\ud800' }).verdict).toBe('deny');
    expect(decide({}, { application: 'evil\\ud800' }).verdict).toBe('allow');
    expect(decide({}, { application: 'fine 😀 \0 "\\' }).verdict).toBe('allow');
  });

  it('denies a kind for which there are no rules', () => {
    const decision = engine.decide({ kind: 'ssh', facts, text: '' }, session);
    expect(decision).toMatchObject({ verdict: 'deny', reasons: [{ code: 'no-rule-allows' }] });
  });

  it('denies facts that are marked as cut short', () => {
    expect(decide({ truncated: true })).toMatchObject({ verdict: 'deny' });
  });

  it('keeps the generation in force when a bundle is wrong, and says where', async () => {
    const before = engine.generation?.revision;
    const broken = rego('deny contains "typo" if input.statement.comand == "DROP"');
    expect(await engine.load([broken])).toMatchObject({
      kind: 'rejected',
      diagnostics: [{ file: 'policy.rego', line: 5 }],
    });
    expect(engine.generation?.revision).toBe(before);
    expect(decide().verdict).toBe('allow');
  });

  it('keeps the generation in force when a bundle fails its own tests', async () => {
    const before = engine.generation?.revision;
    const changed = rego('deny contains "everything" if input.kind == "postgres"');
    const test = rego(
      'test_reads if count(deny) == 0 with input as {"kind": "postgres"}',
      'p_test.rego',
    );
    expect(await engine.load([changed, test])).toMatchObject({
      kind: 'rejected',
      diagnostics: [{ code: 'policy-test-failed', file: 'p_test.rego', line: 5 }],
    });
    expect(engine.generation?.revision).toBe(before);
  });

  it('swaps in a good bundle at once and knows when nothing changed', async () => {
    const night = rego('allow contains "by day" if input.time.hour < 20');
    expect((await engine.load([night])).kind).toBe('loaded');
    expect((await engine.load([night])).kind).toBe('unchanged');
    expect(decide({ command: 'DROP TABLE' }).verdict).toBe('allow');
    now = Date.UTC(2026, 10, 21, 20, 0);
    expect(decide()).toMatchObject({ verdict: 'deny', reasons: [{ code: 'no-rule-allows' }] });
  });

  it('hands budgets to hosts that keep them, and denies for all others', async () => {
    await engine.load([
      rego(`allow contains "everything"
approve contains {"msg": "ask", "groups": ["dba"]} if input.statement.command == "DELETE"
budget contains {"rows": 1000, "seconds": 5}
budget contains {"rows": size} if {
	input.statement.command == "FETCH"
	size := count(input.statement.columns) * 10
}`),
    ]);
    const bounded = (command: string, columns: readonly string[] = []) =>
      engine.decide(
        { kind: 'postgres', facts: { ...facts, command, columns }, text: '', isBounded: true },
        session,
      );
    const budget = { rows: 1000, seconds: 5 };
    expect(bounded('SELECT')).toMatchObject({ verdict: 'allow', obligations: { budget } });
    expect(bounded('DELETE')).toMatchObject({ verdict: 'hold', obligations: { budget } });
    expect(bounded('FETCH', ['a'])).toMatchObject({ obligations: { budget: { rows: 10 } } });
    expect(bounded('FETCH')).toMatchObject({
      verdict: 'deny',
      reasons: [{ code: 'policy-error' }],
    });
    for (const command of ['SELECT', 'DELETE']) {
      expect(decide({ command })).toMatchObject({
        verdict: 'deny',
        reasons: [{ code: 'budget-unsupported' }],
      });
    }
  });
});
