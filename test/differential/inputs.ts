// Statements, sessions and times that meet the constants of a policy often.

import type { Json, JsonObject, Session, Statement } from '../../engine/model/index.ts';
import { sessionId } from '../../engine/model/index.ts';
import type { Draw } from './draw.ts';
import { chance, count, pick, several } from './draw.ts';
import { inputNumber, inputWord, strangers } from './vocabulary.ts';

export interface Case {
  readonly statement: Statement;
  readonly session: Session;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

const someDay = Date.UTC(2024, 1, 29);
const dayMilliseconds = 86_400_000;

export function generateCases(draw: Draw, size: number): readonly Case[] {
  const sessions = several(draw, 3, 6, () => session(draw));
  return Array.from({ length: size }, () => ({
    statement: statement(draw),
    session: pick(draw, sessions),
    now: someDay + count(draw, 0, 2 * dayMilliseconds),
  }));
}

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
      groups: several(draw, 0, 3, () => inputWord(draw)),
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

function statement(draw: Draw): Statement {
  const facts: [string, Json][] = [
    ['command', inputWord(draw)],
    [
      'relations',
      several(draw, 0, 3, () => ({ name: inputWord(draw), access: pick(draw, ['read', 'write']) })),
    ],
    ['columns', several(draw, 0, 3, () => inputWord(draw))],
    ['functions', several(draw, 0, 2, () => inputWord(draw))],
    ['where', chance(draw, 0.5)],
    ['limit', chance(draw, 0.5) ? null : inputNumber(draw)],
    ['truncated', chance(draw, 0.03)],
  ];
  const made = facts.map(([name, value]): [string, Json] =>
    chance(draw, 0.03) ? [name, odd(draw, 0)] : [name, value],
  );
  const kept = made.filter(() => !chance(draw, 0.02));
  if (chance(draw, 0.2)) kept.push([pick(draw, ['extra', ...strangers]), odd(draw, 0)]);
  const kind = chance(draw, 0.97)
    ? 'postgres'
    : pick(draw, ['', 'ssh', 'constructor', '__proto__']);
  return { kind, facts: objectOf(kept), text: '' };
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
          () => [pick(draw, ['deep', 'name', ...strangers]), odd(draw, depth + 1)] as const,
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
