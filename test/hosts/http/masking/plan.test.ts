import { describe, expect, it } from '@jest/globals';
import { bodyMasker, defaultMaskLimits, planMasks } from '../../../../hosts/http/masking/index.ts';
import { detect, field, mask, maskBody } from './support.ts';

describe('planMasks', () => {
  const body = '{"a":{"b":[{"c":1,"x y":2},{"c":3}],"c":4},"c":5,"d.e":6,"q\'":7}';
  const select = (selector: string): string => maskBody({ masks: [field(selector)] }, body);
  const without = (...numbers: readonly number[]): string =>
    numbers.reduce((text, number) => text.replace(`:${number}`, ':null'), body);

  it.each([
    ['$', [1, 2, 3, 4, 5, 6, 7]],
    ['$.c', [5]],
    ['$["c"]', [5]],
    ['$.a', [1, 2, 3, 4]],
    ['$.a.b[*].c', [1, 3]],
    ['$.a.b.*.c', [1, 3]],
    ['$.a.b[1].c', [3]],
    ['$.a.b[0]', [1, 2]],
    ["$.a.b[0]['x y']", [2]],
    ['$..c', [1, 3, 4, 5]],
    ['$.a..c', [1, 3, 4]],
    ['$..b..c', [1, 3]],
    ['$..*', [1, 2, 3, 4, 5, 6, 7]],
    ['$.*.c', [4]],
    ['$..[1].c', [3]],
    ["$['d.e']", [6]],
    ["$['q\\'']", [7]],
    ['$["\\u0063"]', [5]],
    ['$.d', []],
    ['$[0]', []],
  ] as const)('%s selects as RFC 9535 has it', (selector, numbers) => {
    expect(select(selector)).toBe(without(...numbers));
  });

  it.each([
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$..',
    '$[',
    '$[]',
    '$[-1]',
    '$[01]',
    '$[1:2]',
    '$[?@.a]',
    '$[0,1]',
    "$['a'",
    '$[\'a"]',
    "$['\\x']",
    "$['\\ud800']",
    '$.first-name',
    '$.1',
    '$ .a',
    '$.a ',
    `$${'.a'.repeat(33)}`,
    `$.${'a'.repeat(1024)}`,
  ])('refuses %p', (selector) => {
    expect(planMasks([field(selector)])).toMatchObject({ kind: 'invalid' });
  });

  it('refuses detectors that do not exist, and too many masks', () => {
    expect(planMasks([detect('cards')])).toMatchObject({ kind: 'invalid' });
    expect(planMasks(Array.from({ length: 257 }, () => field('$.a')))).toMatchObject({
      kind: 'invalid',
    });
  });

  it('refuses selectors that multiply their states', () => {
    const deep = `$..a${'.*'.repeat(20)}`;
    expect(planMasks([field(deep)])).toMatchObject({ kind: 'invalid' });
  });

  it('lets the strictest strategy win, also from around', () => {
    const masks = [field('$.a', 'partial'), field('$.a.b', 'null'), field('$.a', 'fixed')];
    expect(maskBody({ masks }, '{"a":{"b":"x","c":"y"}}')).toBe('{"a":{"b":null,"c":"***"}}');
  });
});

describe('bodyMasker', () => {
  const plan = (...masks: Parameters<typeof planMasks>[0]) => {
    const planned = planMasks(masks);
    if (planned.kind === 'invalid') throw new Error(planned.message);
    return planned;
  };
  const isMaskable = (type: string, planned = plan(field('$.a'))): boolean =>
    !('kind' in bodyMasker(type, planned, mask, defaultMaskLimits));

  it.each([
    'application/json',
    'Application/JSON',
    ' application/json ;charset=UTF-8',
    'application/json; charset="utf-8"; v=1',
    'application/json;',
    'application/problem+json',
    'application/vnd.api+JSON',
    'text/json',
    'application/x-ndjson',
    'text/event-stream',
    'text/csv; header=present',
  ])('masks fields of %p', (type) => {
    expect(isMaskable(type)).toBe(true);
  });

  it.each([
    '',
    'application/json, text/html',
    'application/json text/html',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8; charset=utf-7',
    'application/json; charset=iso-8859-1',
    'application/json; charset',
    'application/json\u00a0',
    'application/jsonp',
    'application/javascript',
    'application/json-seq',
    'application/xml',
    'application/octet-stream',
    'multipart/mixed; boundary=x',
    'text/plain',
    'text/html',
    'text/csv; header=absent',
    'text/tab-separated-values',
    '+json',
    `application/json; x=${'y'.repeat(300)}`,
  ])('masks no fields of %p', (type) => {
    expect(isMaskable(type)).toBe(false);
  });

  it('searches plain text, not what has escapes of its own', () => {
    const detecting = plan(detect('email'));
    expect(isMaskable('text/plain; charset=utf-8', detecting)).toBe(true);
    expect(isMaskable('text/csv; header=absent', detecting)).toBe(true);
    expect(isMaskable('text/html', detecting)).toBe(false);
    expect(isMaskable('application/xml', detecting)).toBe(false);
    expect(isMaskable('text/plain', plan(detect('email'), field('$.a')))).toBe(false);
  });
});
