// Attacks on recordings: a gateway that dies, a disk that is full, output that acts on the terminal of who reads it later.

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { listRecordings, readRecording, verifyRecording } from '#engine';
import { requiredProgram } from '#lab';

import { runProgram, runToSuccess } from '../../../support/program.ts';
import { loggedIn } from '../../../support/ssh/raw-client.ts';
import { execute } from '../../../support/ssh/raw-session.ts';
import { SshGateway } from '../../../support/ssh-gateway.ts';
import type { GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';

const recordings = gatewayAttackOn('recordings');
const cli = fileURLToPath(new URL('../../../../bin/sallyport', import.meta.url));

const loginOf = (gateway: SshGateway) => ({
  ...{ port: gateway.port, username: 'box', password: gateway.token() },
});

/** Commands one behind the other, each of which the target notes, until the connection is gone. */
async function load(gateway: SshGateway, name: string, log: string): Promise<void> {
  try {
    using peer = await loggedIn(loginOf(gateway));
    for (let at = 0; ; at += 1) {
      const heard = await execute(peer, `echo marker-${name}-${at}-end >> ${log}`);
      if (heard === undefined) return;
    }
  } catch {
    // The gateway is gone.
  }
}

async function allowed(gateway: SshGateway): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { file } of await listRecordings(gateway.recordings)) {
    if ((await verifyRecording(file)).state === 'broken') throw new Error('a chain is broken');
    for await (const { type, verdict, text } of readRecording(file)) {
      if (type !== 'statement' || verdict !== 'allow' || typeof text !== 'string') continue;
      for (const marker of text.match(/marker-\S+-end/g) ?? []) found.add(marker);
    }
  }
  return found;
}

const killedAfter = (ms: number): GatewayAttack =>
  recordings(`the gateway is killed after ${ms} ms of load`, 'all recorded', async () => {
    await using gateway = await SshGateway.start();
    const log = `${gateway.directory}/ran`;
    const loads = ['a', 'b', 'c', 'd'].map((name) => load(gateway, name, log));
    await delay(ms);
    await gateway.process.kill();
    await Promise.all(loads);
    const ran = (await readFile(log, 'utf8').catch(() => '')).match(/marker-\S+-end/g) ?? [];
    const permitted = await allowed(gateway);
    const missing = ran.filter((marker) => !permitted.has(marker));
    return missing.length === 0
      ? 'all recorded'
      : `${missing.length} of ${ran.length} not recorded`;
  });

const fullDisk = recordings('the disk is full', 'refused, then served', async () => {
  await using gateway = await SshGateway.start();
  const limit = (bytes: string) =>
    runToSuccess(
      requiredProgram('prlimit', 'util-linux'),
      ['--pid', String(gateway.process.pid), `--fsize=${bytes}:unlimited`],
      { env: process.env },
    );
  const log = `${gateway.directory}/ran`;
  using before = await loggedIn(loginOf(gateway));
  await execute(before, `echo first >> ${log}`);
  await limit('1');
  await execute(before, `echo second >> ${log}`);
  using during = await loggedIn(loginOf(gateway));
  await execute(during, `echo third >> ${log}`).catch(() => undefined);
  await limit('unlimited');
  using after = await loggedIn(loginOf(gateway));
  await execute(after, `echo fourth >> ${log}`);
  const ran = await readFile(log, 'utf8');
  return ran === 'first\nfourth\n' ? 'refused, then served' : `ran ${JSON.stringify(ran)}`;
});

const sequences = '\\033]0;pwned\\007\\033[2J\\033P+q544e\\033\\\\\\302\\233c\\033[6n\\r\\010\\177';

const controls = /(?![\t\n])\p{Cc}/u;
const escape = '\u001b';
/** Commands for the terminal itself, and questions that it answers. Colours are not. */
const steering = new RegExp(`${escape}[\\]P^_X]|${escape}\\[[0-9;]*[nc]|[\u0080-\u009f]`);

/** What acts on a terminal must not be in what the operator is shown of it. */
const shown = (...args: readonly string[]): GatewayAttack =>
  recordings(
    `sequences for terminals in \`sallyport sessions ${args.join(' ')}\``,
    'harmless',
    async () => {
      await using gateway = await SshGateway.start();
      using peer = await loggedIn(loginOf(gateway));
      await execute(
        peer,
        `printf 'seen ${sequences} seen\\n'; printf 'seen ${sequences} seen\\n' >&2; true`,
      );
      await execute(peer, 'echo \u001b]0;pwned\u0007 \u009b2J');
      peer.socket.end();
      await gateway.process.logged(({ event }) => event === 'session-ended');
      const [recording] = await listRecordings(gateway.recordings);
      const { stdout, stderr, code } = await runProgram(
        cli,
        ['sessions', ...args, recording?.session ?? '', '--config', gateway.files.config],
        { env: process.env },
      );
      if (code !== 0 || !stdout.includes('seen'))
        return `code ${code ?? 'none'}: ${stderr}${stdout}`;
      const acting = (args[0] === 'replay' ? steering : controls).exec(stdout);
      return acting === null ? 'harmless' : `acts with ${JSON.stringify(acting[0])}`;
    },
  );

export const recordingCases: readonly GatewayAttack[] = [
  killedAfter(200),
  killedAfter(600),
  killedAfter(1200),
  fullDisk,
  shown('show'),
  shown('show', '--json'),
  shown('replay'),
];
