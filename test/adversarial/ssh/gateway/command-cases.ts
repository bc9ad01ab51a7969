// Each line reaches a canary in a shell of its own: through the gateway it must not.

import { runProgram } from '../../../support/program.ts';
import { execute } from '../../../support/ssh/raw-session.ts';
import { loggedIn } from '../../../support/ssh/raw-client.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';
import { commandLines } from './command-lines.ts';

/** What `ssh` would send: bytes for the target's shell. */
const written = (line: string, { canaries }: GatewayArena): string =>
  line
    .replaceAll('!!', '\u0000')
    .replaceAll('!', canaries.program)
    .replaceAll('\u0000', `!${canaries.program}`)
    .replaceAll('@', canaries.directory);

/** In bash, as the target would start it. */
async function reachesAlone(text: string, { canaries }: GatewayArena): Promise<boolean> {
  const { PATH } = process.env;
  const alone = await runProgram('/bin/bash', ['-c', text], {
    ...{ env: { PATH, HOME: canaries.directory }, cwd: canaries.directory },
  });
  const reached = await canaries.reached(alone.stdout, alone.stderr);
  await canaries.renew();
  return reached;
}

async function outcomeOf(text: string, arena: GatewayArena): Promise<string> {
  using peer = await loggedIn(arena.login());
  const heard = await execute(peer, text);
  if (heard === undefined) return 'cut';
  const { stdout, stderr, status } = heard;
  if (await arena.canaries.reached(stdout, stderr)) return 'reached';
  if (status === 126 && stderr.startsWith('sallyport: denied: ')) return 'refused';
  return `ran, status ${status ?? 'unknown'}: ${stderr.trim()}`;
}

const evasion = (kind: string, line: string): GatewayAttack =>
  gatewayAttackOn(kind)(line.replaceAll('\n', '⏎'), 'refused', async (arena) => {
    const text = written(line, arena);
    if (!(await reachesAlone(text, arena))) return 'reaches nothing without a gateway either';
    return outcomeOf(text, arena);
  });

export const commandCases: readonly GatewayAttack[] = commandLines.flatMap(
  ({ class: kind, lines }) => lines.map((line) => evasion(kind, line)),
);
