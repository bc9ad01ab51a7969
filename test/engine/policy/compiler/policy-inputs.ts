// Arbitrary facts for differential tests: shaped as schemas/postgres.json says, with awkward texts.

import fc from 'fast-check';

import { sessionId } from '../../../../engine/model/index.ts';

const awkward = [
  ...['', 'a', 'b', 'ab', 'A', 'É', 'ß', 'İ', 'ı', 'Σ', 'ς', 'K', 'ﬁ', '😀', '|', '.', '-', '_'],
  ...['"', '\\', '%', '$1', '\ufffd', 'e\u0301', '1.0', '-0', '\u{10ffff}', 'ab'.repeat(200)],
  ...[' ', '\u0000', '\t', '\n', '\u00a0', '\u2003', '\u0085', '\ufeff', '1', 'x', 'public.users'],
];
const text = fc.array(fc.constantFrom(...awkward), { maxLength: 4 }).map((parts) => parts.join(''));
const address = fc.oneof(text, fc.ipV4(), fc.ipV6(), fc.constantFrom('10.1.2.3', '192.168.1.7'));
const whole = fc.oneof(
  fc.constantFrom(0, 1, 2, -1, 10, 1_790_000_000_000, 2 ** 53 - 1),
  fc.integer({ min: -20, max: 20 }),
);
const groups = fc.array(
  fc.oneof(text, fc.constantFrom('engineering', 'dba', 'pii-readers', 'oncall')),
  { maxLength: 4 },
);

const session = fc.record({
  id: text.map(sessionId),
  host: fc.constant('postgres' as const),
  principal: fc.record({ id: text, kind: fc.constantFrom('human', 'workload'), groups }),
  target: fc.record({
    name: text,
    labels: fc.oneof(fc.dictionary(text, text, { maxKeys: 3 }), fc.constant({ env: 'production' })),
    database: text,
  }),
  client: text,
  clientPort: fc.constant(1),
  application: address,
  startedAt: whole,
});

const facts = fc.record({
  command: fc.constantFrom('SELECT', 'DELETE', 'TRUNCATE', 'UPDATE'),
  relations: fc.array(fc.record({ name: text, access: fc.constantFrom('read', 'write') }), {
    maxLength: 3,
  }),
  columns: fc.array(text, { maxLength: 3 }),
  functions: fc.array(text, { maxLength: 2 }),
  where: fc.boolean(),
  limit: fc.option(fc.nat(100)),
  truncated: fc.constantFrom(false, false, false, true),
});

export const policyQuestion = fc.record({
  statement: fc.record({
    kind: fc.constantFrom('postgres', 'postgres', 'postgres', 'ssh'),
    facts,
    text: fc.constant(''),
  }),
  session,
  now: fc.integer({ min: 0, max: 2_000_000_000_000 }),
});
