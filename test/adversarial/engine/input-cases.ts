// Facts, sessions and clocks as no host should give them.

import type { Json, Statement } from '../../../engine/model/index.ts';
import type { Arena, Subject } from './arena.ts';
import type { Fault } from './fault.ts';
import { fault } from './fault.ts';
import { asking, rego, session } from './questions.ts';

/** Rules that read every fact, and the time. */
const files = [
  rego(
    'fault',
    `deny contains "never" if {
	input.statement.command == "FAULT"
	some column in input.statement.columns
	column == input.principal.id
	input.time.epoch_ms == 7
}

deny contains "evil" if {
	some column in input.statement.columns
	column == "evil\\ufffd"
}

deny contains "named as a prototype" if {
	input.statement.command == "PROTO"
	object.get(input.target.labels, "__proto__", "") == "evil"
}

deny contains "many" if input.statement.limit > 9007199254740000`,
  ),
];

const reading = (arena: Arena): Promise<Subject> => arena.shared('input', { files });

/** Facts whose types lie. */
const lying = (facts: Readonly<Record<string, unknown>>): Statement =>
  asking({ command: 'FAULT', ...(facts as Readonly<Record<string, Json>>) });

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function cyclic(): unknown {
  const value: unknown[] = [];
  value.push({ value });
  return value;
}

const throwing = {
  get command(): string {
    throw new Error('a getter throws');
  },
};
const proxied = new Proxy([], {
  get() {
    throw new Error('a proxy throws');
  },
});
const keys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, index]));

const facts: Readonly<Record<string, () => unknown>> = {
  'a byte too many': () => ['x'.repeat(65_536)],
  'a text of 50 MB': () => ['x'.repeat(50_000_000)],
  'too many bytes only as UTF-8': () => ['€'.repeat(30_000)],
  'too many bytes only as escapes': () => ['\u0001'.repeat(20_000)],
  'a million columns': () => Array.from({ length: 1_000_000 }, (_, index) => `c${index}`),
  'a list with a hole of a billion': () => Object.assign([], { length: 1_000_000_000 }),
  'more keys than bytes may be': () => keys(100_000),
  'a level too deep': () => nested(64),
  'a hundred thousand levels': () => nested(100_000),
  'a cycle': cyclic,
  'a Proxy that throws': () => proxied,
  'a number that is not one': () => [Number.NaN],
  infinity: () => [Infinity],
  'a BigInt': () => [2n ** 64n],
  undefined: () => undefined,
  'undefined in a list': () => [undefined],
  'a function': () => [() => 'x'],
  'a symbol': () => [Symbol('x')],
  'a date': () => [new Date(0)],
  'a map': () => new Map([['a', 1]]),
  'a toJSON': () => ({ toJSON: () => [] }),
  'a toJSON that throws': () => ({
    toJSON() {
      throw new Error('toJSON throws');
    },
  }),
  'a boxed text': () => [Object('x') as unknown],
  'bytes in place of text': () => Buffer.from('x'),
};

const statements: Readonly<Record<string, () => unknown>> = {
  'no statement': () => undefined,
  'no facts': () => ({ kind: 'postgres', text: '' }),
  'facts that are null': () => ({ kind: 'postgres', facts: null, text: '' }),
  'facts whose getter throws': () => ({ kind: 'postgres', facts: throwing, text: '' }),
};

const sessions: Readonly<Record<string, object>> = {
  'no principal': { principal: undefined },
  'no groups': { principal: { ...session.principal, groups: undefined } },
  'groups that are a text': { principal: { ...session.principal, groups: 'engineering' } },
  'groups that are an object': {
    principal: { ...session.principal, groups: { a: 'engineering' } },
  },
  'a group that is null': { principal: { ...session.principal, groups: ['engineering', null] } },
  'an id that is a number': { principal: { ...session.principal, id: 7 } },
  'no target': { target: undefined },
  'no labels': { target: { ...session.target, labels: undefined } },
  'labels that are a list': { target: { ...session.target, labels: ['production'] } },
  'a label that is a number': { target: { ...session.target, labels: { env: 7 } } },
  'no application': { application: undefined },
  'a start that is no number': { startedAt: Number.NaN },
};

const clocks: Readonly<Record<string, () => number>> = {
  NaN: () => Number.NaN,
  infinity: () => Infinity,
  'half a millisecond': () => 0.5,
  'beyond all dates': () => 8.65e15,
};

const allowed = 'allow rule-allow 0';

/** What is odd but right: text as it was sent, and nothing found by names that every object has. */
const odd: Readonly<Record<string, readonly [statement: Statement, answer: string, as?: object]>> =
  {
    'a lone surrogate that a rule names': [asking({ columns: ['evil\ud800'] }), 'deny rule-deny 0'],
    'a text with every awkward character': [
      asking({ columns: ['\0 \u2028 \u2029 " \\ \\ud800 \ufeff 😀 \u{10ffff}', ''] }),
      allowed,
    ],
    'columns named as prototypes': [
      asking({ columns: ['__proto__', 'constructor', 'toString', 'hasOwnProperty'] }),
      allowed,
    ],
    'a label named __proto__': [
      asking({ command: 'PROTO' }),
      'deny rule-deny 0',
      { target: { ...session.target, labels: JSON.parse('{"__proto__": "evil"}') as object } },
    ],
    'the largest exact number': [asking({ limit: 2 ** 53 - 1 }), 'deny rule-deny 0'],
    'the first inexact number': [asking({ limit: 2 ** 53 + 2 }), 'deny rule-deny 0'],
    'the largest number': [asking({ limit: Number.MAX_VALUE }), 'deny rule-deny 0'],
    'the smallest number': [asking({ limit: Number.MIN_VALUE }), allowed],
    'minus zero': [asking({ limit: -0 }), allowed],
    'just as many bytes as may be': [asking({ columns: ['x'.repeat(65_000)] }), allowed],
    'just as deep as may be': [asking({ columns: nested(60) as Json }), allowed],
    ...Object.fromEntries(
      ['__proto__', 'constructor', 'toString', ''].map((name) => [
        `a command named '${name}'`,
        [asking({ command: name }), allowed] as const,
      ]),
    ),
    ...Object.fromEntries(
      ['__proto__', 'constructor', 'toString', '', 'ssh'].map((kind) => [
        `a kind named '${kind}'`,
        [{ ...asking(), kind }, 'deny no-rule-allows 0'] as const,
      ]),
    ),
  };

const named = <Value>(
  kind: string,
  cases: Readonly<Record<string, Value>>,
  run: (subject: Subject, value: Value) => void,
): readonly Fault[] =>
  Object.entries(cases).map(([name, value]) =>
    fault(kind, name, async (arena) => run(await reading(arena), value)),
  );

export const inputFaults: readonly Fault[] = [
  ...named('facts', facts, (subject, make) => {
    subject.denies(lying({ columns: make() }));
  }),
  ...named('facts', statements, (subject, make) => {
    subject.denies(make() as Statement);
  }),
  ...named('session', sessions, (subject, more) => {
    subject.denies(lying({}), { ...session, ...more });
  }),
  ...named('odd input', odd, (subject, [statement, answer, as = {}]) => {
    subject.answers(statement, answer, { ...session, ...as });
  }),
  fault('clock', 'an error', async (arena) => {
    let throws = false;
    const now = (): number => {
      if (!throws) return 0;
      throws = false;
      throw new Error('no clock');
    };
    const subject = await arena.subject({ files, now });
    throws = true;
    subject.denies(asking());
  }),
  ...Object.entries(clocks).map(([name, broken]) =>
    fault('clock', name, async (arena) => {
      let now = (): number => -1;
      const subject = await arena.subject({ files, now: () => now() });
      const timed = asking({ command: 'FAULT', columns: ['ada'] });
      subject.answers(timed, allowed);
      now = broken;
      subject.denies(timed);
      now = () => 7;
      subject.answers(timed, 'deny rule-deny 0');
    }),
  ),
];
