// What the engine lane asks: a day of statements of a few dozen sessions, input documents of about 0.75 KB. Each statement
// reads a column of its own, so that no answer can come from the memory of another.

import type { Session, Statement } from '#engine';
import { inputDocument, sessionId } from '#engine';
import type { Random } from '../../test/support/random.ts';
import { between, seededRandom } from '../../test/support/random.ts';

/** A type, as interfaces are no JSON objects to the compiler. */
export type Facts = {
  readonly command: string;
  readonly relations: readonly { readonly name: string; readonly access: 'read' | 'write' }[];
  readonly columns: readonly string[];
  readonly functions: readonly string[];
  readonly where: boolean;
  readonly limit: number | null;
  readonly truncated: false;
};

export interface Question {
  readonly statement: Statement & { readonly facts: Facts };
  readonly session: Session;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface QuestionOptions {
  readonly seed: number;
  readonly count: number;
  readonly callers: readonly Caller[];
}

/** An open session, and the areas of the rules that its statements touch. */
export interface Caller {
  readonly session: Session;
  readonly touched: readonly number[];
}

const callersCount = 48;
const midnight = Date.UTC(2026, 8, 21);
const dayMilliseconds = 24 * 60 * 60 * 1000;

/** In each of `areas` as likely. */
export function makeCallers(seed: number, areas: number): readonly Caller[] {
  const random = seededRandom(seed);
  return Array.from({ length: callersCount }, () => makeCaller(random, areas));
}

export function makeQuestions({ seed, count, callers }: QuestionOptions): readonly Question[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_unused, index) => {
    const caller = pick(random, callers);
    return {
      statement: makeStatement(random, caller, `${seed}_${index}`),
      session: caller.session,
      at: midnight + Math.floor((index / count) * dayMilliseconds),
    };
  });
}

/** Bytes of a typical input document as JSON, without its nonce. */
export function meanInputBytes(areas: number): number {
  const questions = makeQuestions({ seed: 1, count: 1000, callers: makeCallers(1, areas) });
  const bytes = questions.map(({ statement, session, at }) =>
    Buffer.byteLength(JSON.stringify(inputDocument(statement, session, at))),
  );
  return Math.round(bytes.reduce((sum, each) => sum + each, 0) / bytes.length);
}

export const hourOf = ({ at }: Question): number => new Date(at).getUTCHours();

const chance = (random: Random, share: number): boolean => random() < share;

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

function makeCaller(random: Random, areas: number): Caller {
  const area = between(random, 0, areas - 1);
  const other = between(random, 0, areas - 1);
  const worker = chance(random, 0.25);
  const groups = worker
    ? ['workloads', `team-${area}`]
    : ['engineering', `team-${area}`, `support-${area}`, 'sql-course-2026'];
  if (!worker && chance(random, 0.8)) groups.push(`on-call-${area}`);
  if (!worker && chance(random, 0.3)) groups.push(`pii-${area}`, `team-${other}`);
  if (!worker && chance(random, 0.1)) groups.push('administrators');
  const place = chance(random, 0.9) ? area : other;
  const labels = chance(random, 0.95) ? { area: `area-${place}` } : {};
  const session: Session = {
    id: sessionId(`s-${between(random, 1, 2 ** 32).toString(16)}`),
    host: 'postgres',
    principal: worker
      ? { id: `worker-${area}@example.com`, kind: 'workload', groups }
      : { id: `ada.lovelace-${between(random, 0, 999)}@example.com`, kind: 'human', groups },
    target: {
      name: `area-${place}-primary`,
      labels: { env: 'production', ...labels },
      database: 'shop',
    },
    client: '10.20.30.40',
    clientPort: 51_544,
    application: worker ? 'queue-worker' : 'psql',
    startedAt: midnight,
  };
  return { session, touched: [area, area, other] };
}

/** Command → how many of a hundred statements. */
const commands: Readonly<Record<string, number>> = {
  SELECT: 68,
  INSERT: 10,
  UPDATE: 10,
  DELETE: 5,
  'CREATE TABLE': 4,
  'ALTER TABLE': 2,
  TRUNCATE: 1,
};
const commandDeck = Object.entries(commands).flatMap(([command, share]) =>
  Array.from({ length: share }, () => command),
);

const orders = ['id', 'placed_at', 'total'];

function makeStatement(
  random: Random,
  { touched }: Caller,
  ownName: string,
): Question['statement'] {
  const command = pick(random, commandDeck);
  const area = pick(random, touched);
  const access = command === 'SELECT' ? 'read' : 'write';
  const relations: Facts['relations'][number][] = [
    { name: 'public.orders', access },
    { name: 'public.customers', access: 'read' },
  ];
  const columns = ['public.customers.name', ...orders.map((column) => `public.orders.${column}`)];
  const functions = ['count', 'date_trunc'];
  columns.push(`public.orders.note_${ownName}`);
  if (chance(random, 0.04)) relations.push({ name: `ledger_${area}.entries`, access });
  if (chance(random, 0.08)) columns.push(`dictionary_${area}.words.meaning`);
  if (chance(random, 0.03)) columns.push(`hr_${area}.salaries.amount`);
  if (chance(random, 0.02)) functions.push(`admin.reindex_${area}`);
  const where = chance(random, 0.8);
  const limit = chance(random, 0.5) ? 100 : null;
  const facts = { command, relations, columns, functions, where, limit, truncated: false } as const;
  return { kind: 'postgres', text: '', facts };
}
