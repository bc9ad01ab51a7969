// Policies whose evaluation explodes, in the language that the compiler accepts: each is asked twice, cold and warm.

import type { Json } from '../../../engine/model/index.ts';
import type { Fault } from './fault.ts';
import { fault } from './fault.ts';
import { asking, rego } from './questions.ts';

type Facts = Readonly<Record<string, Json>>;

const texts = (count: number, width = 8): Facts => ({
  columns: Array.from({ length: count }, (_, index) => String(index).padStart(width, 'c')),
});
const a = (count: number): string => 'a'.repeat(count);
const columns = 'input.statement.columns';

/** The body of a rule that is tried for FAULT alone, and what it stands on. */
const rule = (body: readonly string[], more = ''): string =>
  `deny contains "fault" if {\n${['input.statement.command == "FAULT"', ...body].map((line) => `\t${line}\n`).join('')}}\n\n${more}`;

const some = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `some ${name} in ${columns}`);

/** Each step takes the one before. */
const chain = (
  start: string,
  step: (before: string) => string,
  count: number,
): readonly string[] => [
  `x0 := ${start}`,
  ...Array.from({ length: count }, (_, index) => `x${index + 1} := ${step(`x${index}`)}`),
  `is_null(x${count})`,
];

/** Functions that each call the next twice, with other arguments. */
const tower = (height: number): string =>
  [
    ...Array.from(
      { length: height },
      (_, level) =>
        `f${level}(x) := f${level + 1}(array.concat(x, [0])) + f${level + 1}(array.concat(x, [1]))`,
    ),
    `f${height}(x) := count(x)`,
  ].join('\n\n');

const pairs = some('one', 'other');

const doubling = rule(
  chain(`concat(",", ${columns})`, (before) => `concat("", [${before}, ${before}])`, 40),
);

type Explosion = readonly [name: string, text: string, facts: Facts];

const explosions: readonly Explosion[] = [
  [
    'a cubic join',
    rule([...some('one', 'two', 'three'), 'concat("", [one, two, three]) == "x"']),
    texts(1000),
  ],
  [
    'a join whose conditions never hold',
    rule([...some('one', 'two', 'three'), 'one == two', 'two != three', 'one == three']),
    texts(5000),
  ],
  [
    'a comprehension in a comprehension',
    rule([`count([[two | some two in ${columns}] | some one in ${columns}]) == 7`]),
    texts(5000),
  ],
  ['a set of all pairs', rule([`count({[one, other] | ${pairs.join('; ')}}) == 7`]), texts(5000)],
  [
    'every in every in every',
    rule([
      `every one in ${columns} {`,
      `every two in ${columns} {`,
      `every three in ${columns} { one != concat("", [two, three]) }`,
      '}',
      '}',
    ]),
    texts(3000),
  ],
  [
    'a union of sets of all pairs',
    rule([
      `count(union({{concat(one, [two, two]) | some two in ${columns}} | some one in ${columns}})) == 7`,
    ]),
    texts(3000),
  ],
  [
    'an intersection of all pairs',
    rule([`count(intersection({{one, other} | ${pairs.join('; ')}})) == 7`]),
    texts(3000),
  ],
  ['a text that doubles', doubling, texts(10)],
  [
    'a text that replacements multiply',
    rule(
      chain(
        `concat(",", ${columns})`,
        (before) => `replace(${before}, "c", "cccccccccccccccccccc")`,
        12,
      ),
    ),
    texts(10),
  ],
  [
    'a text that doubles below a negation',
    rule(
      ['not small'],
      `small if {\n\t${chain(`concat(",", ${columns})`, (before) => `concat("", [${before}, ${before}])`, 40).join('\n\t')}\n}`,
    ),
    texts(10),
  ],
  [
    'an array that doubles',
    rule(chain(columns, (before) => `array.concat(${before}, ${before})`, 30)),
    texts(10),
  ],
  [
    'a number that is squared for ever',
    rule(chain('12345678', (before) => `${before} * ${before}`, 30)),
    {},
  ],
  [
    'texts split for every pair',
    rule([`count([part | ${pairs.join('; ')}; some part in split(one, "c")]) == 7`]),
    texts(3000, 16),
  ],
  [
    'a partial set of all pairs',
    rule(['count(huge) == 7'], `huge contains [one, other] if {\n\t${pairs.join('\n\t')}\n}`),
    texts(5000),
  ],
  [
    'a partial object of all pairs',
    rule(
      ['count(huge) == 7'],
      `huge[concat("", [one, other])] := one if {\n\t${pairs.join('\n\t')}\n}`,
    ),
    texts(5000),
  ],
  ['functions that call the next one twice', rule(['f0([]) == 7'], tower(24)), {}],
  [
    'everything sorted for each',
    rule([`count([x | some one in ${columns}; x := sort(${columns})]) == 7`]),
    texts(5000),
  ],
  [
    'everything joined for each',
    rule([`count([x | some one in ${columns}; x := concat(one, ${columns})]) == 7`]),
    texts(3000, 16),
  ],
  [
    'a set of long arrays',
    rule([`count({x | some one in ${columns}; x := array.concat(${columns}, [one])}) == 7`]),
    texts(2000),
  ],
  [
    'a text sought in its like',
    rule([...pairs, 'one != other', 'contains(one, other)']),
    { columns: [a(40_000), `${a(20_000)}b`] },
  ],
  [
    'a text trimmed of thousands',
    rule([...pairs, 'trim(one, other) == "x"']),
    { columns: [a(30_000), `${'b'.repeat(30_000)}a`] },
  ],
  [
    'a long text in capitals for each',
    rule([...pairs, 'upper(other) == one']),
    { columns: [...(texts(3000)['columns'] as readonly string[]), 'y'.repeat(30_000)] },
  ],
  [
    'an input replaced for every pair',
    rule(
      [...pairs, 'small with input.statement.columns as [one, other]'],
      `small if count(${columns}) == 7`,
    ),
    texts(3000),
  ],
  [
    'a message for each of the facts, each with all of them',
    `deny contains concat(one, ${columns}) if {\n\tinput.statement.command == "FAULT"\n\tsome one in ${columns}\n}`,
    texts(100, 60),
  ],
  [
    'messages a little too long together',
    `deny contains concat("", [one, one, one, one, one, one]) if {\n\tinput.statement.command == "FAULT"\n\tsome one in ${columns}\n}`,
    texts(900, 60),
  ],
];

const bounded: readonly Explosion[] = [
  [
    'a pattern on a long text',
    rule([...some('one'), 'regex.match("^(a|aa|aaa)*(b|c)+$", one)']),
    { columns: [a(60_000)] },
  ],
  [
    'a pattern on each of many texts',
    rule([...some('one'), 'regex.match("^(a|aa|aaa)*(b|d)+$", one)']),
    texts(5000),
  ],
];

export const evaluationFaults: readonly Fault[] = [
  ...explosions.map(([name, text, facts]) =>
    fault('evaluation', name, async (arena) => {
      const subject = await arena.subject({ files: [rego('fault', text)] });
      for (let time = 0; time < 2; time += 1) {
        subject.denies(asking({ ...facts, command: 'FAULT' }));
      }
    }),
  ),
  ...bounded.map(([name, text, facts]) =>
    fault('evaluation', name, async (arena) => {
      const subject = await arena.subject({ files: [rego('fault', text)] });
      subject.answers(asking({ ...facts, command: 'FAULT' }), 'allow rule-allow 0');
    }),
  ),
  ...[1, 4, 16].map((mebibytes) =>
    fault('memory', `a text that doubles in ${mebibytes} MiB beside the policy`, async (arena) => {
      const policyMemoryBytesMax = (8 + mebibytes) * 1024 * 1024;
      const limits = { policyMemoryBytesMax, policyStepsMax: 2_000_000_000 };
      const subject = await arena.subject({ files: [rego('fault', doubling)], limits });
      subject.denies(asking({ ...texts(10), command: 'FAULT' }));
    }),
  ),
  fault('evaluation', 'a hundred exhausted evaluations in a row', async (arena) => {
    const [[, text, facts]] = explosions as [Explosion];
    const subject = await arena.subject({
      files: [rego('fault', text)],
      limits: { policyStepsMax: 100_000 },
    });
    for (let time = 0; time < 100; time += 1) {
      subject.denies(asking({ ...facts, command: 'FAULT' }));
    }
  }),
];
