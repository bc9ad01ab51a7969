// Records with personal data, the same at every call: what masks are for.

const names = ['Ada Lovelace', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Alan Turing'];
/** Numbers that issuers publish for tests; all pass the Luhn check. */
const cards = [
  '4111 1111 1111 1111',
  '5555 5555 5555 4444',
  '3782 822463 10005',
  '6011 1111 1111 1117',
];

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly card: string;
  readonly balance: number;
}

export function person(id: number): Person {
  const name = names[id % names.length] ?? '';
  const [first = '', last = ''] = name.toLowerCase().split(' ');
  return {
    id,
    name,
    email: `${first}.${last}.${id}@example.com`,
    card: cards[id % cards.length] ?? '',
    balance: id * 17.25,
  };
}

/** Ids count from 1. */
export const people = (count: number): readonly Person[] =>
  Array.from({ length: count }, (_, index) => person(index + 1));

/** One document: `{"users": […]}`. */
export const peopleJson = (count: number): string =>
  `${JSON.stringify({ users: people(count) })}\n`;

/** One record a line. */
export const peopleNdjson = (count: number): string =>
  people(count)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

/** RFC 4180 with a header line. */
export const peopleCsv = (count: number): string =>
  ['id,name,email,card,balance', ...people(count).map((record) => Object.values(record).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');
