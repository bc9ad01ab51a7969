// Lane `ssh`: what commands, files, lines and idle sessions cost direct and through Sallyport, on one OpenSSH server.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { requiredProgram } from '#lab';
import { Inspected } from '../inspected.ts';
import type { Lane, LaneOptions, LaneResult, Metric } from '../lane.ts';
import { cpuSeconds } from '../process-cpu.ts';
import { floorSeconds } from '../ssh/floor.ts';
import { lineMilliseconds } from '../ssh/lines.ts';
import type { Way, WayName, Ways } from '../ssh/ways.ts';
import { openMaster, secondsOf, startWays } from '../ssh/ways.ts';
import { spreadOf } from '../statistics.ts';

const parts = ['exec.warm', 'exec.bulk', 'sftp', 'scp', 'guarded_line', 'idle_session'] as const;
const rounds = 5;
const execsPerRound = 40;
/** V8 compiles what they run meanwhile. */
const warmUpExecs = 800;
/** In each round. */
const idleSessions = 25;
const warmSessions = 50;

export const sshLane: Lane = {
  about: 'commands, sftp, scp, guarded lines and idle sessions: direct, sallyport',
  parts,
  run,
};

async function run({ quick, say, measures }: LaneOptions): Promise<LaneResult> {
  await using ways = await startWays();
  const megabytes = quick ? 50 : 200;
  const count = quick ? 3 : rounds;
  const big = join(ways.directory, 'big');
  writeFileSync(big, Buffer.alloc(megabytes * 1_000_000, 'sallyport bench '));
  const metrics: Metric[] = [];
  const add = (...more: readonly Metric[]): void => {
    metrics.push(...more);
    for (const { name, samples } of more) {
      say(`${name} ${samples.map((sample) => sample.toFixed(3)).join(' ')}`);
    }
  };
  if (measures.has('exec.warm')) add(...(await warmExec(ways, count)));
  if (measures.has('exec.bulk')) {
    add(...(await bulkExec(ways, { big, megabytes, count })));
    add({ name: 'cpu_floor_s_per_100mb', samples: await floorSeconds(count) });
  }
  if (measures.has('sftp')) {
    add(
      await transfers('sftp.get_vs_direct', ways, count, (way) =>
        sftp(way, ways, `get ${big} ${big}.got`),
      ),
      await transfers('sftp.put_vs_direct', ways, count, (way) =>
        sftp(way, ways, `put ${big} ${big}.put`),
      ),
    );
  }
  if (measures.has('scp')) {
    const copy = (way: Way): Promise<number> =>
      secondsOf('scp', ['-O', '-q', ...way.options, big, `${way.destination}:${big}.copied`]);
    add(await transfers('scp.vs_direct', ways, count, copy));
  }
  if (measures.has('guarded_line')) add(...(await guardedLines(ways, count)));
  if (measures.has('idle_session')) add(await idle(ways, count));
  return { metrics, facts: { openssh: version(), megabytes, rounds: count } };
}

async function warmExec(ways: Ways, count: number): Promise<readonly Metric[]> {
  await using direct = await openMaster(way(ways, 'direct'), ways.directory);
  await using through = await openMaster(way(ways, 'sallyport'), ways.directory);
  const once = async (name: WayName, command: string): Promise<number> => {
    const { socket } = name === 'direct' ? direct : through;
    const seconds = await secondsOf('ssh', ['-S', socket, way(ways, name).destination, command]);
    return seconds * 1000;
  };
  for (let exec = 0; exec < warmUpExecs; exec += 1) await once('sallyport', 'true');
  const known: number[] = [];
  const unseen: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const added = { known: [] as number[], unseen: [] as number[] };
    for (let exec = 0; exec < execsPerRound; exec += 1) {
      const bare = await once('direct', 'true');
      added.known.push((await once('sallyport', 'true')) - bare);
      added.unseen.push((await once('sallyport', `true ${round} ${exec}`)) - bare);
    }
    known.push(spreadOf(added.known).median);
    unseen.push(spreadOf(added.unseen).median);
  }
  return [
    { name: 'exec.warm_added_ms', samples: known },
    { name: 'exec.warm_unseen_added_ms', samples: unseen },
  ];
}

async function bulkExec(
  ways: Ways,
  {
    big,
    megabytes,
    count,
  }: { readonly big: string; readonly megabytes: number; readonly count: number },
): Promise<readonly Metric[]> {
  const cpu: number[] = [];
  const read = async (way: Way): Promise<number> => {
    const before = cpuSeconds(ways.pid) ?? NaN;
    const seconds = await secondsOf('ssh', [...way.options, way.destination, `cat ${big}`]);
    const spent = (cpuSeconds(ways.pid) ?? NaN) - before;
    if (way.name === 'sallyport') cpu.push((spent / megabytes) * 100);
    return seconds;
  };
  const bulk = await transfers('exec.bulk_vs_direct', ways, count, read);
  // The first one warmed up.
  return [bulk, { name: 'cpu_s_per_100mb', samples: cpu.slice(1) }];
}

/** Speed as a share of direct, round by round. */
async function transfers(
  name: string,
  ways: Ways,
  count: number,
  transfer: (way: Way) => Promise<number>,
): Promise<Metric> {
  for (const each of ways.all) await transfer(each);
  const samples: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const direct = await transfer(way(ways, 'direct'));
    samples.push(direct / (await transfer(way(ways, 'sallyport'))));
  }
  return { name, samples };
}

function sftp(way: Way, { directory }: Ways, command: string): Promise<number> {
  const batch = join(directory, `batch-${way.name}`);
  writeFileSync(batch, `${command}\n`);
  return secondsOf('sftp', ['-q', '-b', batch, ...way.options, way.destination]);
}

async function guardedLines(ways: Ways, count: number): Promise<readonly Metric[]> {
  const added: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const direct = await lineMilliseconds(way(ways, 'direct'), execsPerRound);
    added.push((await lineMilliseconds(way(ways, 'sallyport'), execsPerRound)) - direct);
  }
  return [{ name: 'guarded_line_ms', samples: added }];
}

async function idle(ways: Ways, count: number): Promise<Metric> {
  const sessions: ChildProcess[] = [];
  const open = async (more: number): Promise<void> => {
    for (let session = 0; session < more; session += 1) {
      sessions.push(await waitingSession(way(ways, 'sallyport')));
    }
  };
  try {
    await open(warmSessions);
    using gateway = await Inspected.open(ways.pid, ways.said);
    // What the start and the inspector leave behind goes with the first collections.
    await gateway.weigh();
    let before = await gateway.weigh();
    const samples: number[] = [];
    for (let round = 0; round < count; round += 1) {
      await open(idleSessions);
      const after = await gateway.weigh();
      samples.push((after - before) / idleSessions);
      before = after;
    }
    return { name: 'idle_session_kb', samples };
  } finally {
    for (const session of sessions) session.kill();
  }
}

async function waitingSession({ options, destination }: Way): Promise<ChildProcess> {
  const path = requiredProgram('ssh', 'openssh-client');
  const child = spawn(path, [...options, destination, 'echo up; cat'], { stdio: 'pipe' });
  await once(child.stdout, 'data');
  return child;
}

function way(ways: Ways, name: WayName): Way {
  const found = ways.all.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no way ${name}`);
  return found;
}

function version(): string {
  const path = requiredProgram('ssh', 'openssh-client');
  const said = execFileSync('/bin/sh', ['-c', '"$0" -V 2>&1', path], { encoding: 'utf8' });
  return /OpenSSH_(\S+?),? /.exec(said)?.[1] ?? 'unknown';
}
