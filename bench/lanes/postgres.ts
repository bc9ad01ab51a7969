// Lane `postgres`: what statements, results and connections cost direct, through pgbouncer and through Sallyport, on
// one server.

import { requiredProgram } from '#lab';
import { startGuardedPostgres } from '../../test/support/gateway.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';
import { idleConnections, measureIdle } from '../postgres/idle.ts';
import { initialise, pgbench, protocols } from '../postgres/pgbench.ts';
import { pgbouncerVersion } from '../postgres/pgbouncer.ts';
import { bulkRows, customers, measureBulk, measurePage } from '../postgres/results.ts';
import { measureSessionCost } from '../postgres/session-cost.ts';
import { measureSelectOnly, selectOnlyMetrics } from '../postgres/select-only.ts';
import type { Ways } from '../postgres/ways.ts';
import { directEnvironment, startWays } from '../postgres/ways.ts';

const scale = 5;
const clients = 8;
const transports = ['plain', 'tls'] as const;
const kinds = ['select', 'copy'] as const;
/** Beside idle connections: those of pgbench and of the gateway's own. */
const spareConnections = 50;

const parts = [
  ...transports.flatMap((transport) => protocols.map((protocol) => `${transport}.${protocol}`)),
  ...kinds.flatMap((kind) => [`bulk.${kind}`, `bulk.${kind}_masked`]),
  'masked_1000x6',
  'session',
  'idle_connection_kb',
  'idle_plaintext_connection_kb',
];

export const postgresLane: Lane = {
  about: 'pgbench -S, bulk and masked results, idle connections: direct, pgbouncer, sallyport',
  parts,
  run,
};

interface Measuring {
  readonly program: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly measures: ReadonlySet<string>;
  readonly add: (...metrics: readonly Metric[]) => void;
}

async function run({ quick, say, measures }: LaneOptions): Promise<LaneResult> {
  const program = requiredProgram('pgbench', 'postgresql');
  const pgbouncer = requiredProgram('pgbouncer', 'pgbouncer');
  const metrics: Metric[] = [];
  const add = (...more: readonly Metric[]): void => {
    metrics.push(...more);
    for (const { name, samples } of more) {
      if (isOfSallyport(name)) say(`${name} ${samples.map((one) => one.toPrecision(3)).join(' ')}`);
    }
  };
  const seconds = quick ? 2 : 4;
  const rounds = quick ? 3 : 5;
  const measuring = { program, seconds, rounds, measures, add };
  const postgres = await startGuardedPostgres({
    setup: customers,
    settings: { max_connections: String(idleConnections + spareConnections) },
  });
  try {
    await initialise(program, directEnvironment(postgres.server, false), scale);
    for (const transport of transports) {
      if (![...measures].some((part) => isOverTls(part) === (transport === 'tls'))) continue;
      await using ways = await startWays({ postgres, pgbouncer, tls: transport === 'tls' });
      await measureOver(transport, ways, measuring);
    }
    const [row] = await postgres.server.query('SHOW server_version');
    const facts = {
      postgres: String(row?.['server_version']),
      pgbouncer: await pgbouncerVersion(pgbouncer),
      pgbench_scale: scale,
      rounds,
      seconds_per_round: seconds,
      bulk_rows: bulkRows,
    };
    return { metrics, facts, steady: (name) => name.endsWith('.direct.tps') };
  } finally {
    await postgres.stop();
  }
}

const isOverTls = (part: string): boolean =>
  part.startsWith('tls.') || part === 'idle_connection_kb';

/** What is said while the rest is measured. */
const isOfSallyport = (name: string): boolean => !/\.(direct|pgbouncer)\.|_vs_direct$/.test(name);

async function measureOver(
  transport: (typeof transports)[number],
  ways: Ways,
  { program, seconds, rounds, measures, add }: Measuring,
): Promise<void> {
  await warmUp(program, ways);
  for (const protocol of protocols) {
    if (!measures.has(`${transport}.${protocol}`)) continue;
    const measured = await measureSelectOnly(
      { program, protocol, clients, seconds },
      ways.all,
      rounds,
    );
    add(...selectOnlyMetrics(`${transport}.${protocol}.c${clients}`, measured));
  }
  const idle = transport === 'tls' ? 'idle_connection_kb' : 'idle_plaintext_connection_kb';
  if (transport === 'plain') {
    for (const kind of kinds) {
      for (const masked of [false, true]) {
        const name = `bulk.${kind}${masked ? '_masked' : ''}`;
        if (!measures.has(name)) continue;
        const samples = await measureBulk(ways, { kind, masked, rounds });
        add({ name: `${name}.vs_direct`, samples });
      }
    }
    if (measures.has('session')) add(...(await measureSessionCost(ways.config)));
    if (measures.has('masked_1000x6')) add(await measurePage(ways, { program, seconds, rounds }));
  }
  if (measures.has(idle)) add({ name: idle, samples: [await measureIdle(ways, program)] });
}

/** A relay that compiles itself while it runs is measured as it runs later. */
async function warmUp(program: string, ways: Ways): Promise<void> {
  for (const { environment } of ways.all.filter(({ pid }) => pid !== undefined)) {
    for (const protocol of protocols) {
      await pgbench({ program, environment, protocol, clients, seconds: 2 });
    }
  }
}
