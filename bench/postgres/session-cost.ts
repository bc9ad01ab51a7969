// What a statement costs a session beside sockets: reading, judging, recording, attributing the answer. The session is the
// gateway's own, between two peers that take bytes and answer from memory.

import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';

import { Engine, loadConfig, sessionId } from '#engine';
import type { Session } from '#engine';
import { temporaryDirectory } from '#lab';
import type { TargetCatalog } from '../../hosts/postgres/catalog/index.ts';
import { PostgresSession } from '../../hosts/postgres/session/session.ts';
import { StatementRates } from '../../hosts/postgres/statement-rates.ts';
import { Targets } from '../../hosts/postgres/targets.ts';
import * as wire from '../../hosts/postgres/wire/index.ts';
import { targetName } from '../../test/support/gateway.ts';
import type { Metric } from '../lane.ts';
import { protocols } from './pgbench.ts';
import { principals } from './ways.ts';

type Protocol = (typeof protocols)[number];

/** V8 goes on compiling for about as long. */
const warmUps = 60_000;
const statements = 30_000;
const rounds = 7;
const prepared = 'P0_1';
const accounts = 500_000;

/** Microseconds of CPU in user mode, its threads' included, a statement. */
export async function measureSessionCost(config: string): Promise<readonly Metric[]> {
  await using directory = await temporaryDirectory('sallyport-session-');
  const own = { ...loadConfig(config), state: directory.path };
  const engine = await Engine.start(own, nothing);
  try {
    const targets = new Targets(own, { log: nothing, onRefused: nothing });
    const target = targets.find(targetName);
    if (target === undefined) throw new Error(`there is no target ${targetName}`);
    const catalog = targets.catalog(target, target.config.database);
    await catalog.ready();
    return protocols.map((protocol) => ({
      name: `session.${protocol}_us`,
      samples: costOf(protocol, engine, catalog),
    }));
  } finally {
    await engine.close();
  }
}

const nothing = (): void => undefined;

/** Takes what is written to it and never reads. */
class Peer extends Socket {
  taken = 0;

  override write(bytes: Buffer): boolean {
    this.taken += bytes.length;
    return true;
  }
}

function costOf(protocol: Protocol, engine: Engine, catalog: TargetCatalog): readonly number[] {
  const client = new Peer();
  const server = new Peer();
  begin(engine, catalog, { client, server });
  if (protocol === 'prepared') {
    const text = textOf('$1');
    const parse = wire.encodeParse({ name: prepared, text });
    client.emit('data', Buffer.concat([parse, wire.encodeBodyless(wire.frontend.sync)]));
    server.emit('data', answers([wire.backend.parseComplete], []));
  }
  const questions = Array.from({ length: 20_000 }, (_, index) =>
    question(protocol, String((index * 7) % accounts)),
  );
  const completed = protocol === 'simple' ? [] : [wire.backend.bindComplete];
  const parsed = protocol === 'extended' ? [wire.backend.parseComplete] : [];
  const answer = answers([...parsed, ...completed], row);
  const run = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      client.emit('data', questions[index % questions.length]);
      server.emit('data', answer);
    }
  };
  client.taken = 0;
  run(warmUps);
  if (client.taken !== warmUps * answer.length) throw new Error(`${protocol}: not all is answered`);
  return Array.from({ length: rounds }, () => {
    const startedAt = process.cpuUsage();
    run(statements);
    return process.cpuUsage(startedAt).user / statements;
  });
}

function begin(
  engine: Engine,
  catalog: TargetCatalog,
  { client, server }: { readonly client: Socket; readonly server: Socket },
): void {
  const session: Session = {
    ...{ id: sessionId(randomUUID()), host: 'postgres', application: 'pgbench' },
    principal: { id: 'cleared', ...principals.cleared },
    target: { name: targetName, labels: { env: 'staging' }, database: 'app' },
    ...{ client: '127.0.0.1', clientPort: 1, startedAt: Date.now() },
  };
  const parameters = new Map([
    ['standard_conforming_strings', 'on'],
    ['client_encoding', 'UTF8'],
  ]);
  const key = { processId: 1, secretKey: Buffer.alloc(4) };
  const relay = new PostgresSession({
    ...{ engine, session, catalog, client, log: nothing },
    recorder: engine.openRecording(session),
    upstream: { socket: server, parameters, key },
    cancelUpstream: () => Promise.resolve(),
    rates: new StatementRates(() => 0),
  });
  void relay.run();
}

const textOf = (value: string): string =>
  `SELECT abalance FROM pgbench_accounts WHERE aid = ${value};`;

/** As pgbench asks in one protocol or the other. */
function question(protocol: Protocol, value: string): Buffer {
  if (protocol === 'simple') return wire.encodeQuery(textOf(value));
  const statement = protocol === 'prepared' ? prepared : '';
  const parse = wire.encodeParse({ name: '', text: textOf('$1') });
  const bind = wire.encodeBind({
    ...{ portal: '', statement, parameters: [Buffer.from(value)] },
    ...{ parameterFormats: [], resultFormats: [] },
  });
  return Buffer.concat([
    ...(protocol === 'prepared' ? [] : [parse]),
    bind,
    wire.encodeDescribe({ kind: 'portal', name: '' }),
    wire.encodeExecute({ portal: '', rowsMax: 0 }),
    wire.encodeBodyless(wire.frontend.sync),
  ]);
}

const row = [
  wire.encodeRowDescription([
    {
      ...{ name: 'abalance', tableOid: 16_384, columnNumber: 3 },
      ...{ typeOid: 23, typeSize: 4, typeModifier: -1, format: 0 },
    },
  ]),
  // DataRow of one column of one byte.
  Buffer.from([0x44, 0, 0, 0, 11, 0, 1, 0, 0, 0, 1, 0x30]),
  wire.encodeCommandComplete('SELECT 1'),
];

const answers = (types: readonly number[], rest: readonly Buffer[]): Buffer =>
  Buffer.concat([
    ...types.map((type) => wire.encodeBodyless(type)),
    ...rest,
    wire.encodeReadyForQuery('idle'),
  ]);
