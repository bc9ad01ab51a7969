// The tour's last part: commands on a server, judged by what they would run.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { requiredProgram } from '#lab';

import { displayPath } from './display-path.ts';
import type { TourParts } from './tour-context.ts';
import { command, heldFor } from './tour-context.ts';
import type { WebServer } from './web-server.ts';

type Caller = keyof WebServer['keys'];

interface Answer {
  readonly code: number | null;
  readonly text: string;
}

export async function sshTour(tour: TourParts): Promise<void> {
  const { narrator, web } = tour;
  if (web === undefined) {
    narrator.begin('commands over SSH');
    narrator.say('left out: OpenSSH is not on this machine (lab/install.sh brings it)');
    return;
  }
  await lookAround(tour, web);
  await secretsStay(tour, web);
  await heldChange(tour, web);
  await opaqueCommand(tour, web);
}

async function lookAround(tour: TourParts, web: WebServer): Promise<void> {
  const { narrator } = tour;
  narrator.begin('an engineer looks around on a server, with plain ssh and a key of her own');
  const { code, text } = await ssh(tour, web, 'ada', 'df -P / | tail -1');
  narrator.claim(
    code === 0 && text.includes('%'),
    'allowed: all that the line runs is known, and only looks',
  );
}

async function secretsStay(tour: TourParts, web: WebServer): Promise<void> {
  const { narrator } = tour;
  narrator.begin('what a command would read counts, whatever program reads it');
  const { code, text } = await ssh(tour, web, 'ada', 'cut -d: -f1 < /etc/../etc/shadow');
  narrator.claim(
    code === 126 && text.includes('keys and password files are not for callers'),
    'denied before the server heard of it, and she reads why',
  );
}

async function heldChange(tour: TourParts, web: WebServer): Promise<void> {
  const { narrator, workspace } = tour;
  const { dora } = workspace.people;
  const file = join(workspace.directory, 'deployed');
  narrator.begin('a command that changes production waits for somebody on call');
  const answer = ssh(tour, web, 'ada', `touch ${file}`);
  const id = await heldFor(tour, dora, answer);
  narrator.claim(id !== '' && !existsSync(file), `held, and nothing has run (${id})`);
  const yes = ['approvals', 'approve', id, '--note', 'release 7'];
  const given = await command(tour, dora, yes);
  narrator.claim(given.code === 0, 'dora saw the command, and approved exactly this one');
  const { code } = await answer;
  narrator.claim(code === 0 && existsSync(file), 'then it ran');
}

async function opaqueCommand(tour: TourParts, web: WebServer): Promise<void> {
  const { narrator } = tour;
  narrator.begin('an agent sends what nobody can foresee');
  const { code, text } = await ssh(tour, web, 'agent', 'sh -c "$(printf \'%s\' ls)"');
  narrator.claim(
    code === 126 && text.includes('nobody can say what this command runs'),
    'denied: what it runs is known only when it runs',
  );
}

async function ssh(
  { narrator, sshPort }: TourParts,
  { keys, knownHosts }: WebServer,
  caller: Caller,
  line: string,
): Promise<Answer> {
  const identity = displayPath(keys[caller]);
  const known = `UserKnownHostsFile=${displayPath(knownHosts)}`;
  narrator.typed(
    `${caller}$`,
    `ssh -i ${identity} -o ${known} -p ${sshPort} web-1@127.0.0.1 ${quoted(line)}`,
  );
  const settings = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'LogLevel=ERROR'],
    `UserKnownHostsFile=${knownHosts}`,
  ];
  const answer = await run([
    ...['-F', 'none', '-i', keys[caller], '-p', String(sshPort)],
    ...settings.flatMap((setting) => ['-o', setting]),
    ...['web-1@127.0.0.1', line],
  ]);
  narrator.shown(answer.text);
  return answer;
}

const quoted = (line: string): string => `'${line.replaceAll("'", `'\\''`)}'`;

function run(args: readonly string[]): Promise<Answer> {
  const program = requiredProgram('ssh', 'openssh-client');
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const { promise, resolve } = Promise.withResolvers<Answer>();
  child.once('close', (code) => {
    resolve({ code, text: text.trimEnd() });
  });
  return promise;
}
