// `kill -9` of the gateway under load: whatever the server executed is recorded, and every chain holds.

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { listRecordings, readRecording, verifyRecording } from '#engine/recording';
import { TestGateway, gatewayRole } from '../support/gateway.ts';
import { startMarkedLoad } from '../support/marked-load.ts';
import { between, seededRandom } from '../support/random.ts';

const kills = 50;
const killMsMin = 20;
const killMsMax = 300;
/** More were sent before the kill: then every client was at work. */
const markersBusy = 30;
const suiteMsMax = 180_000;
/** `log_line_prefix` of the lab: time, pid, `user@database`, application. */
const logLine = /^(\S+ \S+) UTC \[\d+\] (\S+)@\S+ .*?(?:LOG: {2}(?:statement|execute)|DETAIL: )/;
const markers = /marker-[\w-]+?-end/g;

const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);

interface Execution {
  readonly marker: string;
  /** Milliseconds since the Unix epoch, by the server's log. */
  readonly at: number;
}

let gateway: TestGateway;
let markersSent = 0;
let killedUnderLoad = 0;

/** One life of a gateway: load, and death in the middle of it, or of the logins. */
async function oneLife(life: number, killMs: number): Promise<void> {
  const load = startMarkedLoad(gateway.connection(), `${seed}-${life}`);
  if (life % 10 !== 0) await load.answered;
  await delay(killMs);
  const before = load.sent();
  await gateway.process.kill();
  await load.ended;
  markersSent += load.sent();
  if (before > markersBusy) killedUnderLoad += 1;
  await gateway.restart();
}

/** The truth: what the server says that it executed for the gateway's role. */
async function executions(): Promise<readonly Execution[]> {
  const log = await readFile(gateway.postgres.logFile, 'utf8');
  return log.split('\n').flatMap((line) => {
    const [, time = '', user] = logLine.exec(line) ?? [];
    if (user !== gatewayRole.user) return [];
    const at = Date.parse(`${time.replace(' ', 'T')}Z`);
    return [...new Set(line.match(markers))].map((marker) => ({ marker, at }));
  });
}

/** Marker → when the permission for each statement that holds it was recorded. */
async function permissions(): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>();
  for (const { file } of await listRecordings(gateway.recordings)) {
    for await (const entry of readRecording(file)) {
      if (entry['type'] !== 'statement' || entry['verdict'] !== 'allow') continue;
      const said = JSON.stringify([entry['text'], entry['parameters'] ?? null]);
      for (const marker of new Set(said.match(markers))) {
        times.set(marker, [...(times.get(marker) ?? []), Number(entry['at'])]);
      }
    }
  }
  return times;
}

describe(`kill -9 under load, seed ${seed}`, () => {
  beforeAll(async () => {
    gateway = await TestGateway.start({
      server: { logStatements: true, setup: ['CREATE TABLE marks (marker text PRIMARY KEY)'] },
    });
    await gateway.postgres.query(`ALTER TABLE marks OWNER TO ${gatewayRole.user}`);
    const random = seededRandom(seed);
    for (let life = 1; life <= kills; life += 1) {
      await oneLife(life, between(random, killMsMin, killMsMax));
    }
  }, suiteMsMax);

  afterAll(async () => {
    await gateway.stop();
  });

  it('was under load when it was killed', () => {
    expect(killedUnderLoad).toBeGreaterThan(kills / 2);
    expect(markersSent).toBeGreaterThan(kills * 20);
  });

  it('had recorded every statement that the server executed, before it was executed', async () => {
    const executed = await executions();
    const permitted = await permissions();
    const unrecorded = executed.filter(
      ({ marker, at }) => !permitted.get(marker)?.some((recordedAt) => recordedAt <= at),
    );
    expect(unrecorded.slice(0, 5)).toEqual([]);
    expect(new Set(executed.map(({ marker }) => marker)).size).toBeGreaterThan(markersSent / 2);
  });

  it('executed no statement more often than it was recorded', async () => {
    const counts = new Map<string, number>();
    for (const { marker } of await executions()) {
      counts.set(marker, (counts.get(marker) ?? 0) + 1);
    }
    const permitted = await permissions();
    const repeated = [...counts].filter(
      ([marker, count]) => count > (permitted.get(marker)?.length ?? 0),
    );
    expect(repeated.slice(0, 5)).toEqual([]);
  });

  it('left no chain broken', async () => {
    const recordings = await listRecordings(gateway.recordings);
    const verified = await Promise.all(recordings.map(({ file }) => verifyRecording(file)));
    expect(verified.filter(({ state }) => state === 'broken')).toEqual([]);
    expect(verified.length).toBeGreaterThan(kills);
  });
});
