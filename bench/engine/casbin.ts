// The rules as casbin policies: a row names commands and up to two facts to test, which a registered function does.
// `eval()` of a condition a row and a column for every fact are the other two ways to write this; both are 1.5 times slower.

import type { Enforcer } from 'casbin';
import { newEnforcer, newModelFromString } from 'casbin';

import type { Facts, Question } from './questions.ts';
import { hourOf } from './questions.ts';
import type { Condition, Rule } from './rules.ts';
import type { Subject, Verdict } from './subject.ts';
import { inProcess } from './subject.ts';

const commandsAny = '*';
const separator = '|';
const noTest = ['', ''] as const;
const testsMax = 2;

const model = `
[request_definition]
r = command, input

[policy_definition]
p = commands, fact, value, other, value2, eft, verdict

[policy_effect]
e = priority(p.eft) || deny

[matchers]
m = (p.commands == "${commandsAny}" || p.commands == r.command || among(p.commands, r.command)) && \\
  holds(r.input, p.fact, p.value) && holds(r.input, p.other, p.value2)
`;

/** The first row that matches answers, so what denies comes first. Masks are left out: they change no verdict. */
const order = ['deny', 'approve', 'allow'] as const;
const verdictOfEffect = { deny: 'deny', approve: 'hold', allow: 'allow' } as const;

export async function loadCasbin(rules: readonly Rule[]): Promise<Subject> {
  const enforcer = await newEnforcer(newModelFromString(model));
  await enforcer.addFunction('among', (commands: string, command: string) =>
    commands.split(separator).includes(command),
  );
  await enforcer.addFunction('holds', (input: Input, fact: string, value: string) =>
    holds(input, fact, value),
  );
  const rows = order.flatMap((effect) => {
    const verdict = verdictOfEffect[effect];
    const eft = effect === 'allow' ? 'allow' : 'deny';
    return rules
      .filter((rule) => rule.effect === effect)
      .map(({ conditions }) => [...casbinMatch(conditions), eft, verdict]);
  });
  await enforcer.addPolicies(rows);
  return inProcess('casbin', {
    prepare: (question) => ({ question, facts: question.statement.facts, hour: hourOf(question) }),
    decide: (input) => verdictOf(enforcer, input),
  });
}

interface Input {
  readonly question: Question;
  readonly facts: Facts;
  readonly hour: number;
}

function verdictOf(enforcer: Enforcer, input: Input): Verdict {
  const [allowed, row] = enforcer.enforceExSync(input.facts.command, input);
  if (allowed) return 'allow';
  return row.at(-1) === 'hold' ? 'hold' : 'deny';
}

function holds({ question, facts, hour }: Input, fact: string, value: string): boolean {
  const { principal, target } = question.session;
  switch (fact as Test['kind'] | '') {
    case '':
      return true;
    case 'principal':
      return principal.id === value;
    case 'group':
      return principal.groups.includes(value);
    case 'not-group':
      return !principal.groups.includes(value);
    case 'area':
      return target.labels['area'] === value;
    case 'target':
      return target.name.startsWith(value);
    case 'column':
      return facts.columns.includes(value);
    case 'function':
      return facts.functions.includes(value);
    case 'writes':
      return facts.relations.some(({ name, access }) => access === 'write' && name === value);
    case 'no-where':
      return !facts.where;
    case 'before':
      return hour < Number(value);
  }
}

type Test = Exclude<Condition, { readonly kind: 'command' }>;

/** Commands, fact, value, other fact, its value. */
function casbinMatch(conditions: readonly Condition[]): readonly string[] {
  const commands = conditions.filter((condition) => condition.kind === 'command');
  const tests = conditions.filter((condition) => condition.kind !== 'command');
  if (commands.length > 1 || tests.length > testsMax) throw new Error('a row holds no such rule');
  const [first = noTest, second = noTest] = tests.map((test) => [test.kind, valueOf(test)]);
  return [commands[0]?.oneOf.join(separator) ?? commandsAny, ...first, ...second];
}

function valueOf(test: Test): string {
  switch (test.kind) {
    case 'principal':
      return test.id;
    case 'group':
    case 'not-group':
    case 'area':
    case 'column':
    case 'function':
      return test.name;
    case 'target':
      return test.prefix;
    case 'writes':
      return test.relation;
    case 'no-where':
      return '';
    case 'before':
      return String(test.hour);
  }
}
