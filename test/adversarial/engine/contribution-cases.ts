// Contributions that are not of their shape, in every field: rules that compute what they say can say anything.

import type { Fault } from './fault.ts';
import { fault } from './fault.ts';
import { asking, rego } from './questions.ts';

const approval = { msg: 'held', groups: ['dba'] };
const mask = { column: 'public.users.email', strategy: 'hash' };

const malformed: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  deny: {
    'a number': 7,
    'an empty text': '',
    null: null,
    'a list': ['no'],
    'no message': { id: 'x' },
    'a message that is a number': { msg: 7 },
    'an empty message': { msg: '' },
    'an id that is a list': { id: ['x'], msg: 'no' },
    'a field too many': { msg: 'no', verdict: 'allow' },
    'a field named as a prototype': JSON.parse('{"msg": "no", "__proto__": {"a": 1}}') as object,
  },
  allow: { true: true, 'an empty object': {}, 'a field too many': { msg: 'yes', masks: [] } },
  approve: {
    'a text': 'held',
    'no groups': { msg: 'held' },
    'empty groups': { ...approval, groups: [] },
    'groups that are a text': { ...approval, groups: 'dba' },
    'groups that are numbers': { ...approval, groups: [7] },
    'a group without a name': { ...approval, groups: [''] },
    'no quorum at all': { ...approval, quorum: 0 },
    'a quorum of a half': { ...approval, quorum: 0.5 },
    'a quorum below zero': { ...approval, quorum: -1 },
    'a quorum of a million': { ...approval, quorum: 1_000_000 },
    'a quorum that is a text': { ...approval, quorum: '2' },
    'a ttl that is a number': { ...approval, ttl: 60 },
    'a ttl of nothing': { ...approval, ttl: '0s' },
    'a ttl below zero': { ...approval, ttl: '-1m' },
    'a ttl of days': { ...approval, ttl: '9d' },
    'a ttl of a thousand years': { ...approval, ttl: '8760000h' },
    'a ttl with more behind it': { ...approval, ttl: '9m9s' },
  },
  mask: {
    'a text': 'public.users.email',
    'no strategy': { column: 'public.users.email' },
    'no column': { strategy: 'null' },
    'an empty column': { ...mask, column: '' },
    'a column that is a list': { ...mask, column: ['public.users.email'] },
    'an unknown strategy': { ...mask, strategy: 'rot13' },
    'a strategy of another case': { ...mask, strategy: 'NULL' },
    'a strategy named as a prototype': { ...mask, strategy: 'constructor' },
    'a field too many': { ...mask, unless: 'ada' },
  },
};

const effects = Object.keys(malformed);
const cases = Object.entries(malformed).flatMap(([effect, entries]) =>
  Object.entries(entries).map(([name, entry]) => ({ effect, name, entry })),
);

const files = [
  rego(
    'fault',
    effects
      .map(
        (effect) => `${effect} contains entry if {
	some given in data.given
	given.effect == "${effect}"
	given.command == input.statement.command
	entry := given.entry
}`,
      )
      .join('\n\n'),
  ),
  {
    path: 'data.json',
    text: JSON.stringify({
      given: cases.map(({ effect, name, entry }) => ({
        effect,
        command: `${effect} ${name}`,
        entry,
      })),
    }),
  },
];

export const contributionFaults: readonly Fault[] = cases.map(({ effect, name }) =>
  fault(`${effect} entry`, name, async (arena) => {
    const subject = await arena.shared('contributions', { files });
    subject.denies(asking({ command: `${effect} ${name}` }));
  }),
);
