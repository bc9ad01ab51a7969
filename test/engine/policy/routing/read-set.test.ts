import { describe, expect, it } from '@jest/globals';

import { Memo } from '../../../../engine/policy/memo.ts';
import { depthOver } from '../../../../engine/policy/module/json-depth.ts';
import { project, wantedOf } from '../../../../engine/policy/routing/projection.ts';
import { ReadSet } from '../../../../engine/policy/routing/read-set.ts';
import type { Ruling } from '../../../../engine/policy/result.ts';

const statement = { kind: 'postgres', facts: { a: 1, b: { c: [2], d: 3 } }, text: '' };
const noon = Date.UTC(2026, 10, 21, 12, 0, 30);

describe('what is read', () => {
  it.each([
    [[], '', ''],
    [[['kind']], '"kind":"postgres"', ''],
    [[['statement', 'a']], '"statement":{"a":1}', ''],
    [[['statement', 'b', 'd']], '"statement":{"b":{"d":3}}', ''],
    [[['statement', 'b', 'c', 'd']], '"statement":{"b":{"c":[2]}}', ''],
    [[['statement', 'z', 'y']], '"statement":{}', ''],
    [
      [['statement', 'b', 'd'], ['statement']],
      `"statement":${JSON.stringify(statement.facts)}`,
      '',
    ],
    [
      [
        ['time', 'hour'],
        ['time', 'minute'],
      ],
      '',
      '"time":{"hour":12,"minute":0}',
    ],
  ])('%j', (paths, text, clock) => {
    const reads = new ReadSet(paths);
    expect(reads.statement(statement, 1000)).toBe(text);
    expect(reads.clock(noon)).toBe(clock);
    expect(reads.repeatable).toBe(true);
  });

  it('follows the clock, forwards and backwards', () => {
    const reads = new ReadSet([['time', 'minute']]);
    const minutes = [0, 29_999, 30_000, 60_000, 0, -31_000].map((later) =>
      reads.clock(noon + later),
    );
    expect(minutes.map((text) => /\d+/.exec(text)?.[0])).toEqual(['0', '0', '1', '1', '0', '59']);
  });

  it.each([[[[]]], [[['time']]], [[['time', 'epoch_ms']]], [[['time', 'epoch_ms', 'x']]]])(
    'is not repeatable with %j',
    (paths) => {
      const reads = new ReadSet(paths);
      expect(reads.repeatable).toBe(false);
      expect(reads.clock(noon)).not.toBe(reads.clock(noon + 1));
    },
  );

  it('knows nothing of inherited members', () => {
    const wanted = wantedOf([['constructor'], ['__proto__', 'x'], ['toString']]);
    expect(project({}, wanted)).toEqual({});
    const own = JSON.parse('{"__proto__": {"x": 1, "y": 2}, "constructor": 3}') as object;
    expect(JSON.stringify(project(own as never, wanted))).toBe(
      '{"constructor":3,"__proto__":{"x":1}}',
    );
  });
});

describe('the memo', () => {
  const allow: Ruling = { verdict: 'allow', reasons: [], masks: [], infer: [], budget: {} };
  const part = {};

  it('answers for the same part, text and clock only', () => {
    const memo = new Memo();
    memo.remember(part, 'a', '', allow);
    expect(memo.recall(part, 'a', '')).toBe(allow);
    expect(memo.recall({}, 'a', '')).toBeUndefined();
    expect(memo.recall(part, 'b', '')).toBeUndefined();
    expect(memo.recall(part, 'a', '"time":{}')).toBeUndefined();
  });

  it('remembers no hold and nothing long', () => {
    const memo = new Memo();
    memo.remember(part, 'a', '', { ...allow, verdict: 'hold', requirements: [], ttlSeconds: 1 });
    memo.remember(part, 'x'.repeat(5000), '', allow);
    expect(memo.recall(part, 'a', '')).toBeUndefined();
    expect(memo.recall(part, 'x'.repeat(5000), '')).toBeUndefined();
  });

  it('forgets when it holds too much', () => {
    const memo = new Memo();
    const text = (number: number) => `${number}${'x'.repeat(4000)}`;
    for (let number = 0; number < 5000; number += 1) memo.remember(part, text(number), '', allow);
    const known = Array.from({ length: 5000 }, (_, number) => memo.recall(part, text(number), ''));
    expect(known.filter(Boolean).length).toBeLessThan(1100);
    expect(known.at(-1)).toBe(allow);
  });
});

describe('the depth of JSON', () => {
  it.each([
    [['[[[[[[]]]]]]', 5], true],
    [['[[[[[[]]]]]]', 6], false],
    [['{"a":{"a":{"a":{"a":1}}}}', 3], true],
    [['[[],[],[],[],[],[],[],[]]', 2], false],
    [['["[[[[[[[[[[","\\"[[[[[[[[[[","\\\\"]', 1], false],
    [['["\\\\",[[]]]', 2], true],
  ] as const)('%j: %s', ([text, max], over) => {
    expect(depthOver(text, max)).toBe(over);
  });
});
