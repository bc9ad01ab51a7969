// Statements, sessions and times that meet the constants of a policy often.

import type { Json, JsonObject, Session, Statement } from '../../engine/model/index.ts';
import { sessionId } from '../../engine/model/index.ts';
import type { Draw } from './draw.ts';
import { chance, choose, count, pick, several } from './draw.ts';
import { inputNumber, inputWord, strangers, word } from './vocabulary.ts';

export interface Case {
  readonly statement: Statement;
  readonly session: Session;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

const someDay = Date.UTC(2024, 1, 29);
const dayMilliseconds = 86_400_000;
const minuteMilliseconds = 60_000;

export function generateCases(draw: Draw, size: number): readonly Case[] {
  const sessions = several(draw, 3, 6, () => session(draw));
  const cases: Case[] = [];
  while (cases.length < size) {
    const at = chance(draw, 0.5) ? cases.length - 1 : count(draw, 0, cases.length - 1);
    const known = chance(draw, 0.3) ? cases[at] : undefined;
    cases.push(known === undefined ? newCase(draw, sessions) : nearby(draw, known, sessions));
  }
  return cases;
}

const newCase = (draw: Draw, sessions: readonly Session[]): Case => ({
  statement: statement(draw),
  session: pick(draw, sessions),
  now: someDay + count(draw, 0, 2 * dayMilliseconds),
});

/** The same statement in another session, at another time, or but for one fact. */
const nearby = (draw: Draw, known: Case, sessions: readonly Session[]): Case =>
  choose(draw, 'nearby', {
    session: () => ({ ...known, session: pick(draw, sessions) }),
    minutes: () => ({
      ...known,
      now: known.now + count(draw, 1, pick(draw, [2, 120])) * minuteMilliseconds,
    }),
    milliseconds: () => ({ ...known, now: known.now + count(draw, 1, 3) }),
    fact: () => {
      const { statement } = known;
      const made = oneFact(draw, pick(draw, names));
      return { ...known, statement: { ...statement, facts: { ...statement.facts, ...made } } };
    },
  });

/** Own members whatever their names: assigning `__proto__` would set a prototype. */
const objectOf = (entries: readonly (readonly [string, Json])[]): JsonObject =>
  Object.fromEntries(entries);

function session(draw: Draw): Session {
  const labels = objectOf(
    several(
      draw,
      0,
      4,
      () => [pick(draw, ['env', inputWord(draw), pick(draw, strangers)]), inputWord(draw)] as const,
    ),
  );
  return {
    id: sessionId(inputWord(draw)),
    host: 'postgres',
    principal: {
      id: inputWord(draw),
      kind: pick(draw, ['human', 'workload']),
      groups: repeating(draw, () => inputWord(draw)) as readonly string[],
    },
    target: {
      name: inputWord(draw),
      labels: labels as Readonly<Record<string, string>>,
      ...(chance(draw, 0.8) ? { database: inputWord(draw) } : {}),
    },
    client: chance(draw, 0.6)
      ? pick(draw, ['10.0.0.1', '192.168.1.7', '::1', '2001:db8::1'])
      : inputWord(draw),
    clientPort: 40_000,
    application: inputWord(draw),
    startedAt: inputNumber(draw),
  };
}

const factMakers = {
  command: (draw: Draw): Json => inputWord(draw),
  relations: (draw: Draw): Json => repeating(draw, () => relation(draw)),
  columns: (draw: Draw): Json => repeating(draw, () => inputWord(draw)),
  functions: (draw: Draw): Json => repeating(draw, () => inputWord(draw)),
  where: (draw: Draw): Json => chance(draw, 0.5),
  limit: (draw: Draw): Json => (chance(draw, 0.5) ? null : inputNumber(draw)),
  truncated: (draw: Draw): Json => chance(draw, 0.03),
} satisfies Readonly<Record<string, (draw: Draw) => Json>>;
const names = Object.keys(factMakers) as readonly (keyof typeof factMakers)[];

const relation = (draw: Draw): Json => ({
  name: inputWord(draw),
  access: pick(draw, ['read', 'write']),
});

/** Up to three, one of them twice at times. */
const repeating = (draw: Draw, make: () => Json): Json => {
  const items = several(draw, 0, 3, make);
  return chance(draw, 0.1) ? [...items, ...items.slice(0, 1)] : items;
};

const oneFact = (draw: Draw, name: keyof typeof factMakers): JsonObject =>
  objectOf([[name, chance(draw, 0.3) ? oddFact(draw) : factMakers[name](draw)]]);

/** Of another type than hosts make, or with elements that are. */
const oddFact = (draw: Draw): Json =>
  choose(draw, 'odd', {
    any: () => odd(draw, 0),
    scalar: () => odd(draw, 3),
    elements: () => several(draw, 1, 3, () => odd(draw, 2)),
    members: () => objectOf(several(draw, 1, 3, () => [word(draw), inputWord(draw)] as const)),
    fields: () =>
      several(draw, 1, 3, () =>
        objectOf(
          several(
            draw,
            1,
            3,
            () => [pick(draw, ['name', 'access', 'extra']), odd(draw, 1)] as const,
          ),
        ),
      ),
    deepFields: () =>
      several(draw, 1, 3, () => objectOf([['name', objectOf([['deep', inputWord(draw)]])]])),
    fieldMembers: () => objectOf([[word(draw), relation(draw)]]),
  });

function statement(draw: Draw): Statement {
  const wild = chance(draw, 0.2) ? 0.3 : 0.02;
  const facts = names
    .filter(() => !chance(draw, wild / 2))
    .map((name): [string, Json] => [
      name,
      chance(draw, wild) ? oddFact(draw) : factMakers[name](draw),
    ]);
  if (chance(draw, 0.2)) facts.push([pick(draw, ['extra', ...strangers]), odd(draw, 0)]);
  const kind = chance(draw, 0.97)
    ? 'postgres'
    : pick(draw, ['', 'ssh', 'constructor', '__proto__']);
  return { kind, facts: objectOf(facts), text: '' };
}

/** Any JSON: hosts are held to their schema, the engine is not. */
const odd = (draw: Draw, depth: number): Json => {
  switch (count(draw, depth > 2 ? 2 : 0, 6)) {
    case 0:
      return several(draw, 0, 3, () => odd(draw, depth + 1));
    case 1:
      return objectOf(
        several(
          draw,
          0,
          3,
          () =>
            [pick(draw, ['deep', 'name', 'access', ...strangers]), odd(draw, depth + 1)] as const,
        ),
      );
    case 2:
      return null;
    case 3:
      return chance(draw, 0.5);
    case 4:
      return inputNumber(draw);
    default:
      return inputWord(draw);
  }
};
