// Rules that would silently not fire are refused, with the guarded form; what is accepted fires.

import { afterAll, describe, expect, it } from '@jest/globals';

import type { PolicyFile } from '../../../../engine/policy/compiler/index.ts';
import {
  absentReads,
  accepted,
  caseDocuments,
  fallibleCalls,
  missingDocuments,
  negatedReads,
  readsOfAnswers,
} from './fail-open-cases.ts';
import { compiler, mistakes, read, rego, rule } from './support.ts';

afterAll(() => compiler.close());

const bundle = (text: string): readonly PolicyFile[] => [...caseDocuments, ...rule(text)];

async function expectRefused(marked: string, code: string, hint: string): Promise<void> {
  const before = marked.slice(0, marked.indexOf('▸')).split('\n');
  const found = await mistakes(bundle(marked.replace('▸', '')));
  const place = { line: before.length + 2, column: (before.at(-1)?.length ?? 0) + 1 };
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ code, file: 'policy.rego', ...place });
  expect(found[0]?.hint).toContain(hint);
}

describe('a rule that would fail open', () => {
  it.each([...absentReads, ...readsOfAnswers, ...negatedReads])(
    'is refused for what it reads: %s',
    (text, hint) => expectRefused(text, 'optional-unguarded', hint),
  );

  it.each(fallibleCalls)('is refused for what it calls: %s', (text, hint) =>
    expectRefused(text, 'builtin-unguarded', hint),
  );

  it.each(missingDocuments)('is refused for a document that is nowhere: %s', (text, hint) =>
    expectRefused(text, 'data-missing', hint),
  );

  it.each(absentReads.filter(([, hint]) => !/<|guarded/.test(hint)).map(([text]) => text))(
    'is accepted as the hint writes it: %s',
    async (text) => {
      const plain = text.replace('▸', '');
      const [mistake] = await mistakes(bundle(plain));
      const lines = plain.split('\n');
      const at = (mistake?.line ?? 0) - 3;
      const written = mistake?.hint?.replace('write: ', '') ?? '';
      const head = /^(.* if )\S/.exec(lines[at] ?? '')?.[1] ?? '\t';
      expect(await mistakes(bundle(lines.with(at, head + written).join('\n')))).toEqual([]);
    },
  );

  it('is named once, in the helper package that it depends on', async () => {
    const rules = 'deny contains "a" if lib.team\n\ndeny contains "b" if lib.team';
    const found = await mistakes([
      ...rego('package lib\n\nteam if input.target.labels.team == "a"', 'lib.rego'),
      ...rego(`package rules.postgres.p\n\nimport data.lib\n\n${rules}`),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ code: 'optional-unguarded', file: 'lib.rego', line: 3 });
  });

  it('says that `not` does not reach into a call', async () => {
    const [first] = await mistakes(
      rule('deny contains "x" if not lower(input.target.labels.a) == "b"'),
    );
    expect(first?.message).toContain('`not` does not reach into a call');
  });
});

describe('a rule that does not', () => {
  it.each(accepted)('is accepted: %s', async (text) => {
    expect(await mistakes(bundle(text))).toEqual([]);
  });

  it.each([
    'policies/examples/postgres',
    'policies/examples/http',
    'policies/examples/ssh',
    'bench/policies',
    'test/fixtures/policies/shop',
  ])('is what %s are made of', async (directory) => {
    expect(await mistakes(read(directory))).toEqual([]);
  });
});

describe('a deny rule that is accepted', () => {
  const bare = {
    nonce: 'n',
    kind: 'postgres',
    principal: { id: 'root@b', kind: 'human', groups: [] },
    session: { id: 's', client: 'no address', application: '', started_at: 0 },
    target: { name: 'unlisted', labels: {}, database: '' },
    time: { epoch_ms: 0, weekday: 0, hour: 12, minute: 0 },
    statement: {
      command: 'DELETE',
      relations: [],
      columns: [],
      functions: [],
      where: false,
      limit: null,
      truncated: false,
    },
  };
  const guarded = accepted.filter((text) => /object\.(get|union)|not |default|else/.test(text));

  it.each(guarded.filter((text) => text.startsWith('deny')))(
    'fires where everything optional is absent: %s',
    async (text) => {
      const explained = await compiler.explain(bundle(text), bare);
      expect(explained).toMatchObject({ ok: true, explanation: { result: { code: 'rule-deny' } } });
      expect(await compiler.evaluate(bundle(text), bare)).toEqual(explained);
    },
  );
});
