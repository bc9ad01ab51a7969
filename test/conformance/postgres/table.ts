// The page about PostgreSQL's clients, written from a run.

import type { ClientOutcome, Missing } from './clients.ts';
import { suiteRefusals } from './refusals.ts';
import type { RegressOutcome, ScriptOutcome } from './regress.ts';

export interface ServerRun {
  readonly version: string;
  readonly clients: readonly (ClientOutcome | Missing)[];
}

export interface Run {
  /** Each with the same clients. */
  readonly servers: readonly ServerRun[];
  readonly regress?: RegressOutcome;
}

const intro = `# Clients of PostgreSQL

Programs that were run twice, against a server and through the gateway (TLS on both hops, a policy that allows everything, recording on),
and what they saw held against each other case by case: rows with the types and formats of their columns, command tags, every field of errors
and notices but the place in the server's source, the state of the transaction behind each statement. Made by
\`npm run conformance -- postgres --servers DIR --regress DIR --table FILE\` with what \`lab/install.sh --conformance\`,
\`lab/postgres/servers.sh DIR\` and \`lab/postgres/regress-source.sh DIR\` bring.
`;

const legend = `
A cell says how many cases were the same of how many. Two of the clients run with \`npm run test:e2e -- conformance-postgres\` on each
change.

## Large objects and other functions that are called by number

libpq (\`lo_import\`, \`lobject\`) and pgjdbc (\`LargeObjectManager\`) call functions by FunctionCall messages, which hold a number and no SQL.
The gateway asks the target what the function is called, and judges, holds, bounds and records the message as the statement that calls it:
\`SELECT "pg_catalog"."lo_open"($1, $2)\`, so \`input.statement.functions\` holds \`pg_catalog.lo_open\`. Refused are numbers that no function
has that a SELECT could call, also of one that the open transaction has just made; and every FunctionCall while columns are masked for the
caller, because its answer does not say where the value comes from: call the function in a SELECT.
`;

/** Rows of a table in Markdown, the first of them its head. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function cellOf(outcome: ClientOutcome | Missing | undefined): string {
  if (outcome === undefined || 'missing' in outcome) return 'not run';
  const { cases, differences } = outcome;
  const same = `${cases - differences.length}/${cases}`;
  return differences.length === 0 ? same : `${same}, **${differences.length} differ**`;
}

function clientRows(servers: readonly ServerRun[]): readonly (readonly string[])[] {
  const clients = servers[0]?.clients ?? [];
  return clients.map((first, n) => [
    'missing' in first ? first.client : `${first.client} ${first.version}`,
    'missing' in first ? '' : first.modes.join('; '),
    ...servers.map((server) => cellOf(server.clients[n])),
  ]);
}

const regressIntro = ({ version, scheduled, scripts }: RegressOutcome): string => {
  const ran =
    scripts.length === scheduled
      ? `${scheduled} scripts`
      : `the first ${scripts.length} of ${scheduled} scripts`;
  const same = scripts.filter(({ isSame }) => isSame).length;
  const expected = scripts.filter(({ isExpected }) => isExpected).length;
  return `
## PostgreSQL's own tests

The regression tests in the source of PostgreSQL ${version}, as Debian 12 has it, one script after the other by psql: on one server, and on
another like it through the gateway, which has a superuser's credential there. \`test_setup\` is run past the gateway on both, and tables are filled from the client's side
instead of from files of the server. Of ${ran} ${same} print the same, byte by byte but for process ids. (${expected} print what their source
expects where no gateway is; the others depend on the machine, its locale among them.) The others run into what is refused:
`;
};

/** What the gateway said in one script and the server did not, each once. */
function saidIn({ direct, through }: ScriptOutcome): string {
  const said = through.flatMap((line) => /sallyport: (.*)/.exec(line)?.[1] ?? []);
  const once = [...new Set(said)].map((each) => `\`${each.replaceAll('|', '\\|')}\``);
  if (once.length > 0) return once.slice(0, 4).join(', ');
  const isCut =
    through.length < direct.length && direct.join('\n').startsWith(through.join('\n').trimEnd());
  return isCut
    ? 'nothing: it was ended after four minutes; the gateway reads the catalog again behind each change to it'
    : 'nothing: place or hint of a syntax error, or what a script before it left behind';
}

/** Lines of the direct run that did not come in the other one. */
function linesLost({ direct, through }: ScriptOutcome): number {
  const left = new Map<string, number>();
  for (const line of through) left.set(line, (left.get(line) ?? 0) + 1);
  return direct.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  }).length;
}

const regressRow = (each: ScriptOutcome): readonly string[] => [
  `\`${each.script}\``,
  `${linesLost(each)} of ${each.direct.length}`,
  saidIn(each),
];

export function clientsPage({ servers, regress }: Run): string {
  const versions = servers.map(({ version }) => `PostgreSQL ${version}`);
  const differing = regress?.scripts.filter(({ isSame }) => !isSame) ?? [];
  const suite =
    regress === undefined
      ? []
      : [
          regressIntro(regress),
          tableOf([['what', 'why, and what to do'], ...suiteRefusals]),
          '',
          tableOf([
            ['script', 'lines that differ', 'what the gateway said'],
            ...differing.map(regressRow),
          ]),
        ];
  return [
    intro,
    tableOf([['client', 'ways', ...versions], ...clientRows(servers)]),
    legend,
    ...suite,
    '',
  ].join('\n');
}
