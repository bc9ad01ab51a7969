// A sample of `npm run differential`, and what it found: the engine answers as OPA's own evaluator on the plain program.

import { afterAll, describe, expect, it } from '@jest/globals';

import type { JsonObject, Session } from '../../engine/model/index.ts';
import { sessionId } from '../../engine/model/index.ts';
import { Compiler } from '../../engine/policy/compiler/index.ts';
import type { Case } from './inputs.ts';
import { judge } from './judge.ts';
import { emptyTally, judgeSeed } from './run.ts';

const compiler = new Compiler({ idleMilliseconds: 60_000 });
afterAll(() => compiler.close());

interface Asked {
  readonly facts?: JsonObject;
  readonly labels?: Readonly<Record<string, string>>;
}

const session = (labels: Readonly<Record<string, string>>): Session => ({
  id: sessionId('s1'),
  host: 'postgres',
  principal: { id: 'ada', kind: 'human', groups: ['dba'] },
  target: { name: 'shop', labels, database: 'shop' },
  client: '10.0.0.1',
  clientPort: 40_000,
  application: 'psql',
  startedAt: 2,
});

const caseOf = ({ facts = {}, labels = {} }: Asked): Case => ({
  statement: { kind: 'postgres', facts: { command: 'SELECT', relations: [], ...facts }, text: '' },
  session: session(labels),
  now: 0,
});

/** Enough rules about one source for an index. */
const indexed = (condition: (word: string) => string): string =>
  ['one', 'human', 'three', 'four']
    .map((word) => `deny contains "${word}" if { ${condition(word)} }`)
    .join('\n');

const differencesOf = async (rules: string, asked: readonly Asked[]) => {
  const text = `package rules.postgres.case\n\nallow contains "else"\n\n${rules}\n`;
  return judge(compiler, [{ path: 'case.rego', text }], asked.map(caseOf));
};

const found: readonly (readonly [name: string, rules: string, asked: readonly Asked[]])[] = [
  [
    'a rule about the command "" is not certain where other commands share its route',
    indexed((word) => `input.statement.command == ""; input.principal.kind == "${word}"`),
    [{}, { facts: { command: '' } }, { facts: { command: 7 } }],
  ],
  [
    'a rule may name commands that are no texts',
    'deny contains "x" if input.statement.command in {"dba", 1, null}',
    [{ facts: { command: null } }, { facts: { command: 1 } }, { facts: { command: 'dba' } }],
  ],
  [
    'a word of a path may hold NUL',
    'deny contains "x" if object.get(input.target.labels, "a\\u0000b", "") == "v"',
    [{ labels: { 'a\u0000b': 'v' } }],
  ],
  [
    'a member may be named __proto__',
    'deny contains "x" if object.get(input.target.labels, "__proto__", "") == "v"',
    [{ labels: JSON.parse('{"__proto__": "v"}') as Readonly<Record<string, string>> }],
  ],
  [
    'a lone surrogate in the command is U+FFFD to its rules',
    'deny contains "x" if input.statement.command == "\\ufffd"',
    [{ facts: { command: '\ud800' } }],
  ],
  [
    'a lone surrogate in the name of a label is U+FFFD to its rules',
    'deny contains "x" if object.get(input.target.labels, "\\ufffd", "") == "v"',
    [{ labels: { '\ud800': 'v' } }],
  ],
  [
    'groups as a set and as a list are one requirement',
    `approve contains {"msg": "m", "groups": {group | some group in input.principal.groups}}
approve contains {"msg": "m", "groups": [group | some group in input.principal.groups]}`,
    [{}],
  ],
  [
    'an index over a word that Go escapes in its own way compiles',
    indexed((word) => `object.get(input.target.labels, "\\u0001\\u200b", "\\u007f") == "${word}"`),
    [{ labels: { '\u0001\u200b': 'human' } }, {}],
  ],
];

describe('what was found', () => {
  it.each(found)('%s', async (_, rules, asked) => {
    expect(await differencesOf(rules, asked)).toMatchObject({ kind: 'judged', differences: [] });
  });

  it.each([
    'data.names[2]',
    'data.names[input.session.started_at]',
    'data.list["0"]',
    'data.list[input.principal.id]',
  ])('refuses %s, which finds more in OPA than compiled', async (reference) => {
    const text = `package rules.postgres.case\n\nallow contains "x" if ${reference}\n`;
    const documents = { path: 'data.json', text: '{"names": {"2": "x"}, "list": ["x"]}' };
    const judged = await judge(compiler, [{ path: 'case.rego', text }, documents], []);
    expect(judged).toEqual({ kind: 'refused', codes: ['document-key'] });
  });
});

it('refuses a list of constants and computed values, of which OPA overlooks the latter', async () => {
  const text = `package rules.postgres.case

deny contains "x" if input.statement.command in {"x", input.principal.id}
`;
  const judged = await judge(compiler, [{ path: 'case.rego', text }], []);
  expect(judged).toEqual({ kind: 'refused', codes: ['membership-mixed'] });
});

describe('generated policies and inputs', () => {
  const seeds = Array.from({ length: 8 }, (_, at) => 42 + at);

  it('are decided by the engine as by OPA', async () => {
    const tally = emptyTally();
    for (const seed of seeds) expect(await judgeSeed(compiler, seed, tally)).toBeUndefined();
    expect(tally.accepted).toBeGreaterThanOrEqual(0.8 * tally.policies);
    expect([...tally.verdicts.keys()]).toEqual(expect.arrayContaining(['allow', 'deny', 'hold']));
  });
});
