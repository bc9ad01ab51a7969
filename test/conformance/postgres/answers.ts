// What a client program told, case by case, and where two runs of it differ.

import { isDeepStrictEqual } from 'node:util';

export interface Told {
  readonly mode: string;
  readonly case: string;
  readonly answer: unknown;
}

export interface Answers {
  readonly version: string;
  readonly told: readonly Told[];
}

export interface Difference {
  readonly mode: string;
  readonly case: string;
  /** `undefined` where the program did not get so far. */
  readonly direct: unknown;
  readonly through: unknown;
}

/** One JSON line for each case, before them one with the client's version. */
export function answersIn(output: string): Answers {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const values = lines.map(
    (line) => JSON.parse(line, withoutSource) as Partial<Told> & { version?: string },
  );
  const version = values.find((each) => each.version !== undefined)?.version ?? 'unknown';
  return { version, told: values.filter((each): each is Told => 'case' in each) };
}

/** Where in a server's source an error was raised says nothing to programs, and a syntax error is the gateway's own. */
const sourceKeys = new Set(['file', 'line', 'routine', 'source_function']);

const withoutSource = (key: string, value: unknown): unknown =>
  sourceKeys.has(key) ? undefined : value;

export function differencesOf(direct: Answers, through: Answers): readonly Difference[] {
  return Array.from(
    { length: Math.max(direct.told.length, through.told.length) },
    (_unused, n): Difference => {
      const [one, other] = [direct.told[n], through.told[n]];
      const { mode, case: name } = one ?? other ?? { mode: '', case: '' };
      // Beyond a case that only one of them has, the others no longer lie side by side.
      const isAligned = one?.mode === other?.mode && one?.case === other?.case;
      return {
        mode,
        case: name,
        direct: one?.answer,
        through: isAligned ? other?.answer : undefined,
      };
    },
  ).filter((each) => !isDeepStrictEqual(each.direct, each.through));
}
