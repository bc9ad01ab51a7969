// Attacks on what surrounds a permission: what is masked, who is asked, what is recorded, when it ends.

import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

import { answerApproval, approvalsOf, heldFor } from '../../../support/approvals.ts';
import { eventually } from '../../../support/eventually.ts';
import { exec, loggedIn, run } from '../../../support/ssh/raw-client.ts';
import { messages } from '../../../support/ssh/raw-peer.ts';
import { execute, hear, session } from '../../../support/ssh/raw-session.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';

const output = gatewayAttackOn('masked output');
const approvals = gatewayAttackOn('approvals');
const endings = gatewayAttackOn('endings');

const address = 'ada.lovelace@example.com';

/** The policy masks what `printf` shows; the words are put together by the shell alone. */
const showing =
  (command: string) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login());
    const heard = await execute(peer, command);
    if (heard === undefined) return 'cut';
    const plain = stripVTControlCharacters(`${heard.stdout}${heard.stderr}`);
    if (plain.includes(address)) return 'shown';
    if (heard.status === 126) return 'refused';
    return plain.includes('***') ? 'masked' : `shows ${JSON.stringify(plain)}`;
  };

const outputCases: readonly GatewayAttack[] = [
  output('plain', 'masked', showing(`printf '%s\\n' ${address}`)),
  output('to standard error', 'masked', showing(`printf '%s\\n' ${address} >&2`)),
  output(
    'in two pieces',
    'masked',
    showing(`printf 'ada.lovelace@exam'; sleep 0.05; printf 'ple.com\\n'`),
  ),
  output(
    'in two pieces, slowly',
    'masked',
    showing(`printf 'ada.lovelace@exam'; sleep 0.15; printf 'ple.com\\n'`),
  ),
  output(
    'letter by letter',
    'masked',
    showing(
      `${Array.from(address, (letter) => `printf ${letter}; sleep 0.01`).join('; ')}; printf '\\n'`,
    ),
  ),
  output('in colours', 'masked', showing(`printf 'ada.\\033[31mlovelace\\033[0m@example.com\\n'`)),
  output('between other bytes', 'masked', showing(`printf '\\377\\376 ${address} \\377\\n'`)),
  output(
    'behind a megabyte',
    'masked',
    showing(`head -c 1000000 /dev/zero | tr '\\000' ' '; printf '%s\\n' ${address}`),
  ),
];

/** Held; the answer comes while the caller does something else. */
const held =
  (then: (arena: GatewayArena, id: string, leave: () => void) => Promise<void>) =>
  async (arena: GatewayArena): Promise<string> => {
    const marker = arena.canaries.marker;
    using peer = await loggedIn(arena.login());
    const channel = await session(peer);
    peer.send(exec(channel, `touch ${marker}`));
    const [asked] = await heldFor(arena.gateway, 'dora');
    await then(arena, asked?.id ?? '', () => peer.socket.destroy());
    const heard = await Promise.race([hear(peer), delay(1500)]);
    if (await arena.canaries.reached()) return 'reached';
    return heard === undefined || heard.status === 126
      ? 'not run'
      : `status ${heard.status ?? 'none'}`;
  };

const approve = (arena: GatewayArena, id: string) =>
  answerApproval(arena.gateway, 'dora', { id, answer: 'approve' });

const denyAll = {
  'more.rego': 'package rules.ssh.more\n\nimport rego.v1\n\ndeny contains "not any more"\n',
};

const approvalCases: readonly GatewayAttack[] = [
  approvals(
    'a yes when the caller has left',
    'not run',
    held(async (arena, id, leave) => {
      leave();
      await eventually('nobody is asked', async () =>
        (await approvalsOf(arena.gateway, 'dora')).every((each) => each.id !== id),
      );
      await approve(arena, id);
    }),
  ),
  approvals(
    'a yes by who asked',
    'not run',
    held(async (arena, id) => {
      await answerApproval(arena.gateway, 'ada', { id, answer: 'approve' });
      await answerApproval(arena.gateway, 'dora', { id, answer: 'deny' });
    }),
  ),
  approvals(
    'a yes by somebody in no group',
    'not run',
    held(async (arena, id) => {
      await answerApproval(arena.gateway, 'mallory', { id, answer: 'approve' });
      await answerApproval(arena.gateway, 'dora', { id, answer: 'deny' });
    }),
  ),
  approvals(
    'a yes when the policy has changed',
    'not run',
    held(async (arena, id) => {
      await arena.gateway.changePolicies(denyAll);
      await approve(arena, id);
      await delay(300);
      await arena.gateway.changePolicies({ 'more.rego': '' });
    }),
  ),
  approvals('one yes for two of the same', 'one of two', async (arena) => {
    using peer = await loggedIn(arena.login());
    using second = await loggedIn(arena.login());
    const file = arena.canaries.at('open/once');
    for (const each of [peer, second]) each.send(exec(await session(each), `touch ${file}`));
    const [first] = await heldFor(arena.gateway, 'dora', 2);
    await approve(arena, first?.id ?? '');
    const heard = await Promise.race([hear(peer), hear(second)]);
    const left = await approvalsOf(arena.gateway, 'dora');
    for (const { id } of left) await answerApproval(arena.gateway, 'dora', { id, answer: 'deny' });
    return heard?.status === 0 && left.length === 1 ? 'one of two' : `${left.length} left`;
  }),
];

const endingCases: readonly GatewayAttack[] = [
  endings('a token that is revoked while a command runs', 'cut', async (arena) => {
    using peer = await loggedIn(arena.login('vera'));
    peer.send(exec(await session(peer), 'sleep 60'));
    await peer.next(messages.channelSuccess);
    await arena.revokeToken('vera');
    const began = performance.now();
    await peer.closed;
    return performance.now() - began < 5000 ? 'cut' : 'cut late';
  }),
  endings('one that does not read is revoked while it is sent much', 'cut', async (arena) => {
    using peer = await loggedIn(arena.login('vito'));
    peer.send(exec(await session(peer), 'cat /dev/zero'));
    await peer.next(messages.channelSuccess);
    peer.socket.pause();
    const mark = arena.gateway.process.log.length;
    const began = performance.now();
    await arena.revokeToken('vito');
    await arena.gateway.process.logged(({ event }) => event === 'session-ended', mark);
    if (performance.now() - began > 5000) return 'cut late';
    peer.socket.resume();
    await peer.closed;
    return 'cut';
  }),
  endings('a login by a token that was revoked', 'refused', async (arena) => {
    try {
      using peer = await loggedIn(arena.login('vera'));
      return (await run(peer, 'echo in')) === 'in\n' ? 'let in' : 'of no use';
    } catch {
      return 'refused';
    }
  }),
];

export const lifeCases: readonly GatewayAttack[] = [
  ...outputCases,
  ...approvalCases,
  ...endingCases,
];
