// npm run differential -- sqlsmith [--queries N] [--seed S]
// Statements that sqlsmith makes up, sent through the gateway by someone for whom columns with canaries are masked: none
// may come back, no session may break. Of each, the lineage that the text has is compared with the origins that the
// server describes. Exits 1 on a leak, a broken session or a contradiction.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import pg from 'pg';

import type { AnalysedStatement, Catalog, CatalogRow } from '../../hosts/postgres/sql/index.ts';
import { analyse, buildCatalog, catalogQueries } from '../../hosts/postgres/sql/index.ts';
import { isReviewed } from '../../hosts/postgres/sql/reviewed-functions.ts';
import { backend, decodeRowDescription } from '../../hosts/postgres/wire/index.ts';
import { Arena, canariesIn } from '../adversarial/postgres/arena.ts';
import type { RawClient } from '../adversarial/postgres/raw-client.ts';
import { answerOf, describeStatement, parse, sync } from '../adversarial/postgres/raw-client.ts';

const progressMilliseconds = 15_000;
const settings = { standardConformingStrings: 'on', clientEncoding: 'UTF8' };
const statementBytesMax = 256 * 1024;
const toolSchema = 'smith';

/** Nobody is asked to approve. What is masked may be inferred, so that more than a few statements come to an answer. */
const policy = {
  'arena.rego': `package rules.postgres.sqlsmith

import rego.v1

allow contains "everything is allowed"

columns := ["public.users.email", "public.users.salary", "public.users.nick", "public.events.payload", "public.people.email", "public.moving.email"]

mask contains {"column": column, "strategy": "fixed"} if {
	"masked" in input.principal.groups
	some column in columns
}

infer contains {"column": column} if some column in columns
`,
};

interface Tally {
  sent: number;
  /** Answered without an error, by the gateway or the server. */
  answered: number;
  refused: number;
  /** Columns of results whose origin was compared. */
  compared: number;
  described: number;
  findings: number;
}

/** Reads the catalog, and leaves a `pg_proc` for sqlsmith to find in which only reviewed functions are. */
async function prepare(arena: Arena): Promise<Catalog> {
  const { superuser, host, port, database } = arena.gateway.postgres;
  const client = new pg.Client({ ...superuser, host, port, database });
  await client.connect();
  const results: CatalogRow[][] = [];
  const types = { getTypeParser: () => (value: string) => value };
  for (const text of catalogQueries) {
    const answer = await client.query<string[]>({ text, rowMode: 'array', types });
    results.push(answer.rows);
  }
  const catalog = buildCatalog(results);
  const named = await client.query<{ name: string }>(
    'SELECT DISTINCT proname AS name FROM pg_proc',
  );
  const names = named.rows.map(({ name }) => name).filter((name) => isReviewed(name, catalog));
  const list = names.map((name) => pg.escapeLiteral(name)).join();
  await client.query(`CREATE SCHEMA ${toolSchema};
    CREATE VIEW ${toolSchema}.pg_proc AS SELECT * FROM pg_catalog.pg_proc WHERE proname IN (${list});
    GRANT USAGE ON SCHEMA ${toolSchema} TO PUBLIC; GRANT SELECT ON ${toolSchema}.pg_proc TO PUBLIC`);
  await client.end();
  return catalog;
}

/** The statements that sqlsmith would send. */
async function* statements(arena: Arena, queries: number, seed: number): AsyncGenerator<string> {
  const { superuser, host, port, database } = arena.gateway.postgres;
  const login = `user=${superuser.user} password=${superuser.password}`;
  const path = `options='-c search_path=${toolSchema},pg_catalog,public'`;
  const target = `host=${host} port=${port} dbname=${database} ${login} ${path}`;
  const counts = [`--max-queries=${queries}`, `--seed=${seed}`];
  const args = [`--target=${target}`, '--dry-run', '--exclude-catalog', ...counts];
  const smith = spawn('sqlsmith', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines: string[] = [];
  for await (const line of createInterface({ input: smith.stdout })) {
    lines.push(line);
    if (!line.trimEnd().endsWith(';')) continue;
    yield lines.join('\n').trim().replace(/;$/, '');
    lines = [];
  }
}

/** What contradicts the lineage of the text in what the server describes; undefined for texts that fail there. */
async function contradictions(
  client: RawClient,
  sql: string,
  catalog: Catalog,
  tally: Tally,
): Promise<readonly string[]> {
  client.send(parse('', sql), describeStatement(''), sync);
  const messages = await client.ready();
  const described = messages.find(({ type }) => type === backend.rowDescription);
  const analysed = analyse(sql, catalog, { settings, statementBytesMax });
  if (described === undefined || analysed.kind === 'refused') return [];
  const [statement] = analysed.statements;
  if (statement === undefined) return [];
  tally.described += 1;
  const fields = decodeRowDescription(described.frame);
  const { columns, isComplete } = statement.result;
  if (isComplete && columns.length !== fields.length) {
    return [`${columns.length} columns by its text, ${fields.length} by the server`];
  }
  return fields.flatMap(({ tableOid, columnNumber }, at) => {
    const relation = catalog.relations.get(tableOid);
    const name = relation?.columns.find(({ attnum }) => attnum === columnNumber)?.name;
    if (relation === undefined || name === undefined) return [];
    tally.compared += 1;
    const isKnown = knows(statement, isComplete ? at : undefined, relation.qualified, name);
    return isKnown ? [] : [`column ${at + 1} comes from ${relation.qualified}.${name}`];
  });
}

function knows(
  { result }: AnalysedStatement,
  at: number | undefined,
  relation: string,
  name: string,
): boolean {
  const flows = at === undefined ? result.columns : [result.columns[at]];
  return flows.some((flow) =>
    [`${relation}.${name}`, `${relation}.*`, '?'].some((key) => flow?.has(key)),
  );
}

/** What a masked client gets for it; undone afterwards. */
async function send(client: RawClient, sql: string, tally: Tally): Promise<readonly string[]> {
  client.query('BEGIN');
  client.query(sql);
  client.query('ROLLBACK');
  const messages = await client.ready(3);
  client.forget();
  if (client.closed) return ['the session ended'];
  const { errors } = answerOf(messages);
  if (errors.length === 0) tally.answered += 1;
  else if (errors.includes('42501')) tally.refused += 1;
  return canariesIn(Buffer.concat(messages.map(({ frame }) => frame)));
}

const said = ({ sent, answered, refused, described, compared, findings }: Tally): string =>
  `${sent} statements, ${answered} answered, ${refused} refused, ${described} described, ${compared} origins compared, ${findings} findings`;

async function smith(arena: Arena, queries: number, seed: number): Promise<Tally> {
  const tally: Tally = { sent: 0, answered: 0, refused: 0, compared: 0, described: 0, findings: 0 };
  const catalog = await prepare(arena);
  const login = async (who: 'ada' | 'masked'): Promise<RawClient> => {
    const client = who === 'ada' ? await arena.clear() : await arena.masked();
    await client.ask("SET statement_timeout = '500ms'");
    return client;
  };
  let [describer, masked] = [await login('ada'), await login('masked')];
  let last = performance.now();
  for await (const sql of statements(arena, queries, seed)) {
    tally.sent += 1;
    const found = [
      ...(await contradictions(describer, sql, catalog, tally)),
      ...(await send(masked, sql, tally)),
    ];
    for (const finding of found) {
      tally.findings += 1;
      console.error(`error: ${finding}\n${sql}\n`);
    }
    // Clients keep all messages: a fresh one now and then.
    if (masked.closed || tally.sent % 500 === 0) {
      describer[Symbol.dispose]();
      masked[Symbol.dispose]();
      [describer, masked] = [await login('ada'), await login('masked')];
    }
    if (performance.now() - last < progressMilliseconds) continue;
    last = performance.now();
    console.log(said(tally));
  }
  return tally;
}

export async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      queries: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
    },
  });
  console.log(`seed ${values.seed}`);
  await using arena = await Arena.open();
  await arena.setPolicy(policy);
  const tally = await smith(arena, Number(values.queries), Number(values.seed));
  console.log(said(tally));
  return tally.findings === 0 ? 0 : 1;
}
