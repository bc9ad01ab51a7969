import { describe, expect, it } from '@jest/globals';

import { defaultLimits } from '../../../../engine/model/index.ts';
import { makeImage } from '../../../../engine/policy/module/image.ts';
import { PolicyModule } from '../../../../engine/policy/module/policy-module.ts';
import { contributionsOf, parseRuling } from '../../../../engine/policy/result.ts';
import type { FakePolicy } from '../../../support/fake-policy.ts';
import { fakePolicy } from '../../../support/fake-policy.ts';

const limits = { ...defaultLimits, policyMemoryBytesMax: 8 * 1024 * 1024 };

function load(policy: FakePolicy): PolicyModule {
  const wasm = fakePolicy(policy);
  return PolicyModule.load(wasm, makeImage(wasm, '{}', limits.policyMemoryBytesMax), limits);
}

const question = (varying = '"kind":"x"') => {
  return { entrypoint: 0, steady: {}, own: {}, varying, bytes: 'inputBytesMax' } as const;
};

describe('loading a module', () => {
  it('refuses one that needs builtins of its host: the SDK answers some unlike OPA and lacks others', () => {
    const builtins = { 'time.now_ns': 0, sprintf: 1 };
    expect(() => load({ answer: '[]', builtins })).toThrow(
      expect.objectContaining({
        code: 'policy-load',
        message: 'the module imports builtins: time.now_ns, sprintf',
      }),
    );
  });

  it('knows its entrypoints by name only', () => {
    const module = load({ answer: '[]', entrypoints: { 'other/allow': 3 } });
    expect(module.entrypoint('other/allow')).toBe(3);
    for (const name of ['sallyport/decision', 'constructor', '__proto__']) {
      expect(() => module.entrypoint(name)).toThrow(
        expect.objectContaining({ code: 'policy-load' }),
      );
    }
  });

  it('refuses an ABI whose evaluation it does not know', () => {
    expect(() => load({ answer: '[]', abiMinorVersion: 1 })).toThrow(
      expect.objectContaining({ code: 'policy-load' }),
    );
  });

  it('refuses documents that do not fit', () => {
    const wasm = fakePolicy({ answer: '[]' });
    expect(() => makeImage(wasm, `"${'x'.repeat(70_000)}"`, 65_536)).toThrow(
      expect.objectContaining({
        code: 'policy-load',
        message: expect.stringContaining('policyMemoryBytesMax'),
      }),
    );
  });
});

describe('asking', () => {
  it('takes a trap for an error, after which the instance is not to be used', () => {
    const module = load({ answer: null });
    const broken = () => module.ask(question(), (answer) => answer);
    expect(broken).toThrow(expect.objectContaining({ code: 'policy-evaluate' }));
    expect(module.broken).toBe(true);
  });

  it.each([
    ['bytes', `"statement":"${'x'.repeat(limits.inputBytesMax)}"`, 'over 65536 bytes'],
    ['bytes of UTF-8', `"statement":"${'€'.repeat(limits.inputBytesMax / 2)}"`, 'over 65536 bytes'],
    ['levels', `"statement":${'['.repeat(65)}${']'.repeat(65)}`, 'over 64 levels'],
  ])('refuses input of too many %s before the module sees it', (_unit, members, message) => {
    const module = load({ answer: null });
    expect(() => module.ask(question(members), (answer) => answer)).toThrow(
      expect.objectContaining({
        code: 'policy-evaluate',
        message: expect.stringContaining(message),
      }),
    );
    expect(module.broken).toBe(false);
  });

  it('refuses a result that is too long', () => {
    const small = { ...limits, policyResultBytesMax: 100 };
    const wasm = fakePolicy({ answer: 'x'.repeat(101) });
    const image = makeImage(wasm, '{}', limits.policyMemoryBytesMax);
    const module = PolicyModule.load(wasm, image, small);
    expect(() => module.ask(question(), (answer) => answer)).toThrow(/result is over 100 bytes/);
    expect(load({ answer: 'x'.repeat(100) }).ask(question(), (answer) => answer)).toHaveLength(100);
  });
});

describe('contributionsOf', () => {
  it('gives what follows the nonce', () => {
    expect(contributionsOf('[{"result":["n",[1,["deny"]]]}]', 'n')).toBe('[1,["deny"]]');
  });

  it.each([
    ['an undefined result', '[]'],
    ['two results', '[{"result":["n",[]]},{"result":["n",[]]}'],
    ['a result of another type', '[{"result":true}]'],
    ['half a result', '[{"result":["n",[]'],
    ['no nonce', '[{"result":[[]]}]'],
    ['the nonce of another evaluation', '[{"result":["m",[]]}]'],
  ])('refuses %s', (_name, text) => {
    expect(() => contributionsOf(text, 'n')).toThrow(
      expect.objectContaining({ code: 'policy-result' }),
    );
  });
});

describe('parseRuling', () => {
  const reasons = [{ rule: 'r', message: 'm' }];
  const approval = { rule: 'r', message: 'm', groups: ['dba'], quorum: 1, ttl: '10m' };
  const allow = {
    nonce: 'n',
    verdict: 'allow',
    code: 'rule-allow',
    reasons,
    masks: [],
    infer: [],
    budget: {},
  };
  const hold = { ...allow, verdict: 'hold', code: 'rule-approve', approvals: [approval] };
  const parse = (result: object) => parseRuling(JSON.stringify([{ result }]), 'n');

  it('reads an allow with its masks and what may be inferred', () => {
    const masks = [{ column: 'public.users.email', strategy: 'hash' }];
    const infer = ['public.users.email'];
    const budget = { rows: 10, statements_per_minute: 60 };
    expect(parse({ ...allow, masks, infer, budget })).toEqual({
      verdict: 'allow',
      reasons: [{ code: 'rule-allow', rule: 'r', message: 'm' }],
      masks,
      infer,
      budget,
    });
  });

  it('reads a hold with all requirements and the shortest ttl', () => {
    const second = { ...approval, rule: 's', quorum: 2, ttl: '90s' };
    expect(parse({ ...hold, approvals: [approval, second] })).toMatchObject({
      requirements: [{ rule: 'r' }, { rule: 's', quorum: 2 }],
      ttlSeconds: 90,
    });
  });

  it('gives a reason where no rule allows', () => {
    const deny = { nonce: 'n', verdict: 'deny', code: 'no-rule-allows', reasons: [] };
    expect(parse(deny).reasons).toEqual([
      { code: 'no-rule-allows', message: 'no rule allows this statement' },
    ]);
  });

  it.each([
    ['no JSON', '[{"result":'],
    ['an undefined result', '[]'],
    ['two results', '[{"result":{}},{"result":{}}]'],
    ['a result of another type', '[{"result":true}]'],
    ['a result without the nonce', JSON.stringify([{ result: { ...allow, nonce: undefined } }])],
    ['the nonce of another evaluation', JSON.stringify([{ result: { ...allow, nonce: 'm' } }])],
  ])('refuses %s', (_name, text) => {
    expect(() => parseRuling(text, 'n')).toThrow(
      expect.objectContaining({ code: 'policy-result' }),
    );
  });

  it.each([
    ['an unknown verdict', { ...allow, verdict: 'maybe' }],
    ['a code of another verdict', { ...allow, code: 'rule-deny' }],
    ['an allow without reasons', { ...allow, reasons: [] }],
    ['an allow without masks', { ...allow, masks: undefined }],
    ['an allow that does not say what may be inferred', { ...allow, infer: undefined }],
    ['a column to infer that is no name', { ...allow, infer: [7] }],
    ['an allow that does not say what may be spent', { ...allow, budget: undefined }],
    ['a budget of an unknown unit', { ...allow, budget: { row: 1 } }],
    ['a budget of nothing', { ...allow, budget: { rows: 0 } }],
    ['a budget that is a fraction', { ...allow, budget: { rows: 1.5 } }],
    ['a budget that is no number', { ...allow, budget: { rows: '1' } }],
    ['an unknown strategy', { ...allow, masks: [{ column: 'a.b.c', strategy: 'rot13' }] }],
    ['a mask without a column', { ...allow, masks: [{ strategy: 'null' }] }],
    ['a hold without approvals', { ...hold, approvals: [] }],
    ['a hold that nobody may answer', { ...hold, approvals: [{ ...approval, groups: [] }] }],
    ['a quorum of none', { ...hold, approvals: [{ ...approval, quorum: 0 }] }],
    ['a quorum of half', { ...hold, approvals: [{ ...approval, quorum: 0.5 }] }],
    ['an endless ttl', { ...hold, approvals: [{ ...approval, ttl: 'forever' }] }],
    ['a ttl of nothing', { ...hold, approvals: [{ ...approval, ttl: '0s' }] }],
  ])('refuses %s', (_name, result) => {
    expect(() => parse(result)).toThrow(expect.objectContaining({ code: 'policy-result' }));
  });
});
