// Compiling: what a policy may say, and where a mistake is reported.

import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import capabilities from '../../../../engine/policy/compiler/capabilities.json' with { type: 'json' };
import { policyQuestion } from './policy-inputs.ts';
import {
  compiled,
  compiler,
  firstMistake,
  judging,
  mistakes,
  rego,
  rule,
  shop,
} from './support.ts';

afterAll(() => compiler.close());

describe('compile', () => {
  it('gives a module that needs nothing, data by path, packages and a revision', async () => {
    const policy = await compiled([
      ...shop,
      { path: 'lists/data.json', text: '{"a": [1]}' },
      { path: 'README.md', text: 'not part of a bundle' },
    ]);
    expect(policy.packages).toEqual(['rules.postgres.hours', 'rules.postgres.production']);
    expect(policy.data).toContain('"lists":{"a":[1]}');
    expect(policy.data).toContain('"personal_columns":["public.users.email","public.users.phone"]');
    expect(policy.revision).toMatch(/^[0-9a-f]{16}$/);
  });

  it('keeps the revision whatever the order of files and the tests beside them', async () => {
    const one = await compiled(shop);
    const other = await compiled(
      shop.filter((file) => !file.path.endsWith('_test.rego')).toReversed(),
    );
    expect(other.revision).toBe(one.revision);
    expect(Buffer.from(other.wasm).equals(Buffer.from(one.wasm))).toBe(true);
    const changed = await compiled([...shop, { path: 'x/data.json', text: '{}' }]);
    expect(changed.revision).not.toBe(one.revision);
  });

  it('decides with no package at all: nothing is allowed', async () => {
    const judge = await judging(await compiled([]));
    for (const asked of fc.sample(policyQuestion, 20)) {
      expect(judge(asked)).toMatchObject({ verdict: 'deny' });
    }
  });

  it('reports the mistakes of all files at once, by file and line', async () => {
    const found = await mistakes([
      { path: 'b.rego', text: 'package rules.postgres.b\n\nallow contains x if true\n' },
      { path: 'a.rego', text: 'package rules.postgres.a\n\ndeny contains "x" if {\n' },
      { path: 'c.rego', text: 'package rules.postgres.c\n\nnot rego\n' },
    ]);
    expect(found.map(({ file }) => file)).toEqual(['a.rego', 'c.rego']);
    const later = await mistakes([
      { path: 'b.rego', text: 'package rules.postgres.b\n\nallow contains x if true\n' },
      {
        path: 'a.rego',
        text: 'package rules.postgres.a\n\nimport data.unused\n\nallow contains "x"',
      },
    ]);
    expect(later.map(({ file, line }) => [file, line])).toEqual([
      ['a.rego', 3],
      ['b.rego', 3],
    ]);
  });

  it.each([
    [
      'an unknown property',
      'input.statement.comand == "x"',
      'undefined ref: input.statement.comand',
    ],
    ['a text against a number', 'input.time.hour == "8"', 'match error'],
    ['a call with a wrong type', 'startswith(input.statement.where, "x")', 'startswith'],
  ])('type-checks input against the schema: %s', async (_, condition, message) => {
    const found = await firstMistake(`deny contains "x" if ${condition}`);
    expect(found).toMatchObject({ code: 'rego_type_error', file: 'policy.rego', line: 3 });
    expect(found?.message).toContain(message);
  });

  it('names the nearest property first', async () => {
    const found = await firstMistake('deny contains "x" if input.statement.comand == "x"');
    expect(found?.hint).toMatch(/^one of command, /);
  });

  it('leaves the schema to an author who names one, and adds to other metadata', async () => {
    const named = '# METADATA\n# schemas:\n#   - input: {}\npackage rules.postgres.a\n\n';
    expect(await mistakes(rego(`${named}allow contains "x" if input.anything`))).toEqual([]);
    const titled = '# METADATA\n# title: x\npackage rules.postgres.a\n\n';
    expect(await mistakes(rego(`${titled}deny contains "x" if input.anything`))).toHaveLength(1);
  });

  it.each([
    ['package sallyport', 'package-reserved'],
    ['package sallyport.collected', 'package-reserved'],
    ['package rules', 'package-kind'],
    ['package rules.postgresql.a', 'package-kind'],
    ['package rules.postgres["a\\u0000b"]', 'package-name'],
  ])('refuses %s', async (text, code) => {
    expect((await mistakes(rego(`${text}\n\nx := 1`)))[0]).toMatchObject({ code, line: 1 });
  });

  it.each([
    ['data under sallyport', [{ path: 'sallyport/data.json', text: '{}' }], 'package-reserved'],
    [
      'sallyport inside a document',
      [{ path: 'data.json', text: '{"sallyport":1}' }],
      'package-reserved',
    ],
    ['a document that is no object', [{ path: 'data.json', text: '[]' }], 'data-invalid'],
    ['a document that is no YAML', [{ path: 'data.yaml', text: 'a: [' }], 'data-invalid'],
    [
      'two documents for one path',
      [
        { path: 'data.json', text: '{"a":{"b":1}}' },
        { path: 'a/data.yaml', text: 'b: 2' },
      ],
      'data-conflict',
    ],
    [
      'a document where rules stand',
      [
        { path: 'rules/postgres/p/data.json', text: '{"deny":[]}' },
        ...rego('package rules.postgres.p\n\ndeny contains "x"'),
      ],
      'rego_compile_error',
    ],
  ])('refuses %s', async (_, files, code) => {
    expect((await mistakes(files))[0]).toMatchObject({ code });
  });

  it.each([
    ['allow := true', 'contribution-kind'],
    ['default allow := false', 'contribution-kind'],
    ['deny(x) := x', 'contribution-kind'],
    ['deny[x] := 1 if x := "a"', 'contribution-kind'],
    ['deny contains 7', 'contribution-shape'],
    ['deny contains ""', 'contribution-shape'],
    ['deny contains {"mesg": "x"}', 'contribution-shape'],
    ['approve contains "x"', 'contribution-shape'],
    ['approve contains {"msg": "x"}', 'contribution-shape'],
    ['mask contains {"column": "a.b.c", "strategy": "partail"}', 'contribution-shape'],
    ['denny contains "x"', 'contribution-name'],
    ['mask contains {"column": "a.b.c", "strategy": "hash", "extra": 1}', 'contribution-shape'],
    ['mask contains {"column": "a.b.c", "field": "$.a", "strategy": "hash"}', 'contribution-shape'],
    ['mask contains {"strategy": "hash"}', 'contribution-shape'],
    ['budget contains 10', 'contribution-shape'],
    ['budget contains "rows"', 'contribution-shape'],
    ['budget contains {}', 'contribution-shape'],
    ['budget contains {"row": 10}', 'contribution-shape'],
    ['budget contains {"rows": 10, "per": "day"}', 'contribution-shape'],
    ['budget contains {"rows": 0}', 'contribution-shape'],
    ['budget contains {"rows": 1.5}', 'contribution-shape'],
    ['budget contains {"rows": "10"}', 'contribution-shape'],
    ['budgets contains {"rows": 10}', 'contribution-name'],
  ])('refuses the contribution %s', async (text, code) => {
    const found = await firstMistake(text);
    expect(found).toMatchObject({ code, file: 'policy.rego', line: 3 });
    expect(found?.hint).toBeTruthy();
  });

  it('takes a schema only from where it is, never from the network', async () => {
    const remote = '# METADATA\n# schemas:\n#   - input: {$ref: "http://schemas.example/a.json"}\n';
    const found = await mistakes(rego(`${remote}package rules.postgres.a\n\ndeny contains "x"`));
    expect(found[0]?.message).toContain('remote reference loading disabled');
  });

  it('survives a text that is too deep to parse', async () => {
    const deep = rule(`x := ${'['.repeat(100_000)}`);
    await expect(compiler.compile(deep)).rejects.toMatchObject({ code: 'compiler-failed' });
    expect(await mistakes(rule('allow contains "x"'))).toEqual([]);
  });

  it('lets helper rules and packages have any name and kind', async () => {
    const helper = rego('package lib.x\n\nallow := true\n\ndenny contains 1', 'lib.rego');
    expect(await mistakes([...helper, ...rule('allowed_tables := {"a"}')])).toEqual([]);
  });
});

describe('order', () => {
  const labels = 'input.target.labels';
  it.each([
    `concat(",", {x | some x in input.principal.groups})`,
    `concat(",", object.keys(${labels}))`,
    `concat(",", [x | some x in {"a", "b"}])`,
    `concat(",", [key | some key, _ in ${labels}])`,
    `concat(",", [key | ${labels}[key]])`,
    `concat(",", [x | some x in data.unknown])`,
  ])('refuses a text whose order is not defined: %s', async (text) => {
    expect(await firstMistake(`allow contains ${text}`)).toMatchObject({ code: 'order-undefined' });
  });

  it.each([
    `concat(",", sort({x | some x in input.principal.groups}))`,
    `concat(",", input.principal.groups)`,
    `concat(",", [x.name | some x in input.statement.relations])`,
    `concat(",", sort([key | some key, _ in ${labels}]))`,
    `concat(",", [x | some x in split(input.session.client, ":")])`,
    `concat("", ["a", ${labels}.env])`,
  ])('accepts an order that is defined: %s', async (text) => {
    expect(await mistakes(rule(`allow contains ${text}`))).toEqual([]);
  });
});

describe('builtins', () => {
  it.each(Object.entries(capabilities.instead).filter(([name]) => !name.includes('*')))(
    'refuses %s and says what to write instead',
    async (name, instead) => {
      const call = name === 'internal.template_string' ? '$"{input.nonce}"' : `${name}(1)`;
      const found = await mistakes(rule(`deny contains "x" if ${call}`));
      expect(found).toContainEqual(
        expect.objectContaining({ code: 'builtin-refused', line: 3, hint: instead }),
      );
    },
  );

  it.each(['time.now_ns()', 'http.send({})', 'json.unmarshal("1")', 'io.jwt.decode("x")', '4 / 2'])(
    'refuses %s by its family, in tests too',
    async (call) => {
      const files = rego('package p_test\n\ntest_x if ' + call, 'p_test.rego');
      const run = await compiler.test(files);
      const expected = { code: 'builtin-refused', file: 'p_test.rego', line: 3 };
      expect(run.ok ? [] : run.diagnostics).toContainEqual(expect.objectContaining(expected));
    },
  );

  it('lets an author define a function of the same name', async () => {
    const text = 'replace(x) := x\n\ndeny contains "x" if replace(input.statement.where)';
    expect(await mistakes(rule(text))).toEqual([]);
  });

  it.each([
    'replace(input.nonce, "", "x") == "x"',
    'replace(input.nonce, input.principal.id, "x") == "x"',
    'indexof(input.nonce, "") == 0',
    'indexof(input.nonce, input.principal.id) == 0',
    'substring(input.nonce, -1, 2) == "x"',
    'substring(input.nonce, 0, -2) == "x"',
    'substring(input.nonce, input.time.hour, 2) == "x"',
    'array.slice(input.principal.groups, 0, input.time.hour) == []',
    'input.time.hour % 0 == 1',
    'input.time.hour % -2 == 1',
    'input.time.hour % input.time.minute == 1',
    'count(numbers.range(0, input.time.hour)) == 1',
    'count(numbers.range(0, 1001)) == 1',
    'object.union_n([]) == {}',
    'object.union_n(data.objects) == {}',
  ])('refuses arguments that are not proven safe: %s', async (condition) => {
    const found = await firstMistake(`allow contains "x" if ${condition}`);
    expect(found).toMatchObject({ code: 'argument-unproven', file: 'policy.rego', line: 3 });
    expect(found?.hint).toBeTruthy();
  });

  it.each([
    ['1.0', '1'],
    ['-2.0', '-2'],
    ['1e3', '1000'],
  ])('refuses a whole number in another notation: %s', async (number, plain) => {
    expect(await firstMistake(`allow contains "x" if input.time.hour == ${number}`)).toMatchObject({
      code: 'number-notation',
      hint: `write: ${plain}`,
    });
    expect(await mistakes(rule('allow contains "x" if input.time.hour < 1.5'))).toEqual([]);
  });

  it.each([
    ['regex.match(`(`, input.nonce)', 'pattern-invalid'],
    ['regex.match(input.nonce, "x")', 'pattern-dynamic'],
    ['net.cidr_contains("10.0.0.0", input.nonce)', 'pattern-invalid'],
    ['net.cidr_contains(data.office, input.nonce)', 'pattern-dynamic'],
  ])('refuses a pattern that could fail: %s', async (condition, code) => {
    expect(await firstMistake(`allow contains "x" if ${condition}`)).toMatchObject({ code });
  });
});
