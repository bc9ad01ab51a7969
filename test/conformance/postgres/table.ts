// The page about PostgreSQL's clients, written from a run.

import type { ClientOutcome, Missing } from './clients.ts';
import { refusalOf, refusals } from './refusals.ts';

const intro = `# Clients of PostgreSQL

Programs that were run twice, against a server and through the gateway (TLS on both hops, a policy that allows everything, recording on),
and what they saw held against each other case by case: rows with the types and formats of their columns, command tags, every field of errors
and notices but the place in the server's source, the state of the transaction behind each statement. Made by
\`npm run conformance -- postgres --table FILE\`, which takes what \`lab/install.sh --conformance\` installs.
`;

/** Rows of a table in Markdown. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function outcomeOf({ cases, differences }: ClientOutcome): string {
  const meant = differences.filter((each) => refusalOf(each) !== undefined).length;
  const faults = differences.length - meant;
  const parts = [`${cases - differences.length} of ${cases} the same`];
  if (meant > 0) parts.push(`${meant} refused (below)`);
  if (faults > 0) parts.push(`**${faults} not**`);
  return parts.join(', ');
}

const clientRow = (outcome: ClientOutcome | Missing): readonly string[] =>
  'missing' in outcome
    ? [outcome.client, '', 'not run']
    : [`${outcome.client} ${outcome.version}`, outcome.modes.join('; '), outcomeOf(outcome)];

export interface Run {
  readonly server: string;
  readonly clients: readonly (ClientOutcome | Missing)[];
}

export function clientsPage({ server, clients }: Run): string {
  const refused = refusals.map(({ what, why }) => [what, why]);
  return [
    intro,
    `The server of this run is PostgreSQL ${server}.\n`,
    tableOf([['client', 'ways', 'cases'], ...clients.map(clientRow)]),
    '\n## What is refused\n',
    tableOf([['what', 'why, and what to do'], ...refused]),
    '',
  ].join('\n');
}
