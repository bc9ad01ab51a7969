import { describe, expect, it } from '@jest/globals';

import { PolicyModule } from '../../../engine/policy/module.ts';
import { parseRuling } from '../../../engine/policy/result.ts';
import type { FakePolicy } from '../../support/fake-policy.ts';
import { fakePolicy } from '../../support/fake-policy.ts';

const limits = { inputBytesMax: 64 * 1024 };
const load = (policy: FakePolicy) => PolicyModule.load(fakePolicy(policy), {}, limits);

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

  it('refuses one without the entrypoint', () => {
    expect(() => load({ answer: '[]', entrypoints: { 'other/allow': 0 } })).toThrow(
      expect.objectContaining({ code: 'policy-load' }),
    );
  });

  it('refuses an ABI whose evaluation it does not know', () => {
    expect(() => load({ answer: '[]', abiMinorVersion: 1 })).toThrow(
      expect.objectContaining({ code: 'policy-load' }),
    );
  });
});

describe('evaluating', () => {
  it.each([
    ['an undefined result', '[]'],
    ['two results', '[{"result":{}},{"result":{}}]'],
    ['a result of another type', '[{"result":true}]'],
    ['no JSON', '[{"result":'],
    ['an allow without the nonce', '[{"result":{"verdict":"allow"}}]'],
    [
      'an allow with the nonce of another evaluation',
      '[{"result":{"verdict":"allow","nonce":"x"}}]',
    ],
  ])('takes %s for an error', (_name, answer) => {
    expect(() => load({ answer }).evaluate('"kind":"x"')).toThrow(
      expect.objectContaining({ code: 'policy-result' }),
    );
  });

  it('takes a trap for an error', () => {
    expect(() => load({ answer: null }).evaluate('"kind":"x"')).toThrow(
      expect.objectContaining({ code: 'policy-evaluate' }),
    );
  });

  it('refuses input over the limit before the module sees it', () => {
    const input = `"statement":"${'x'.repeat(limits.inputBytesMax)}"`;
    expect(() => load({ answer: null }).evaluate(input)).toThrow(
      expect.objectContaining({
        code: 'policy-evaluate',
        message: expect.stringContaining('is over 65536 bytes'),
      }),
    );
  });
});

describe('parseRuling', () => {
  const reasons = [{ rule: 'r', message: 'm' }];
  const approval = { rule: 'r', message: 'm', groups: ['dba'], quorum: 1, ttl: '10m' };
  const allow = { nonce: 'n', verdict: 'allow', code: 'rule-allow', reasons, masks: [] };
  const hold = { ...allow, verdict: 'hold', code: 'rule-approve', approvals: [approval] };
  const parse = (result: object) => parseRuling(JSON.stringify([{ result }]), 'n');

  it('reads an allow with its masks', () => {
    const masks = [{ column: 'public.users.email', strategy: 'hash' }];
    expect(parse({ ...allow, masks })).toEqual({
      verdict: 'allow',
      reasons: [{ code: 'rule-allow', rule: 'r', message: 'm' }],
      masks,
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
    ['an unknown verdict', { ...allow, verdict: 'maybe' }],
    ['a code of another verdict', { ...allow, code: 'rule-deny' }],
    ['an allow without reasons', { ...allow, reasons: [] }],
    ['an allow without masks', { ...allow, masks: undefined }],
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
