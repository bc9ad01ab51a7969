// Attacks with what surrounds a command: variables, terminals, agents, requests out of order, channels of other kinds.

import { about, channelRequest, data, exec, loggedIn } from '../../../support/ssh/raw-client.ts';
import { opened, run } from '../../../support/ssh/raw-client.ts';
import type { FieldWriter, RawPeer } from '../../../support/ssh/raw-peer.ts';
import { FieldReader, messages } from '../../../support/ssh/raw-peer.ts';
import {
  envRequest,
  execute,
  hear,
  ptyRequest,
  session,
} from '../../../support/ssh/raw-session.ts';
import type { GatewayArena, GatewayAttack } from './arena.ts';
import { gatewayAttackOn } from './arena.ts';

const variables = gatewayAttackOn('variables');
const requests = gatewayAttackOn('sessions');

/** Sets it; then the target's shell says what it has. */
const setting =
  (name: string, value: string | ((arena: GatewayArena) => string)) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login());
    const text = typeof value === 'string' ? value : value(arena);
    const heard = await execute(peer, 'env -0', {
      before: (channel) => [envRequest(channel, name, text)],
    });
    if (heard === undefined) return 'cut';
    const shown = heard.stdout.split('\0').some((line) => line === `${name}=${text}`);
    if (shown || heard.stdout.includes(text)) return 'set';
    return heard.replies[0] === true ? 'said to be set' : 'refused';
  };

const program = ({ canaries }: GatewayArena): string => canaries.program;

const variableCases: readonly GatewayAttack[] = [
  variables('LANG=mark_1', 'set', setting('LANG', 'mark_1')),
  ...[
    ...[
      'LD_PRELOAD',
      'LD_LIBRARY_PATH',
      'LD_AUDIT',
      'BASH_ENV',
      'ENV',
      'PROMPT_COMMAND',
      'SHELLOPTS',
    ],
    ...[
      'PATH',
      'IFS',
      'PS4',
      'GIT_SSH_COMMAND',
      'GIT_EXTERNAL_DIFF',
      'GIT_PROTOCOL',
      'GIT_CONFIG_COUNT',
    ],
    ...[
      'LESSOPEN',
      'PAGER',
      'RSYNC_RSH',
      'PYTHONSTARTUP',
      'PERL5OPT',
      'NODE_OPTIONS',
      'HOME',
      'TERM',
    ],
    ...['BASH_FUNC_ls%%', 'lang', 'LANG ', ' LANG', 'LANG=x', 'LC_ALL\n', '', 'SALLYPORT_SHELLS'],
    ...['SSH_AUTH_SOCK', 'DISPLAY', 'TERMINFO', 'LOCPATH', 'GCONV_PATH', 'MALLOC_CHECK_', 'TZ'],
  ].map((name) => variables(JSON.stringify(name).slice(1, -1), 'refused', setting(name, program))),
  variables('LANG with NUL, then LD_PRELOAD', 'refused', setting('LANG\0LD_PRELOAD', program)),
  variables('LD_PRELOAD, then NUL', 'refused', setting('LD_PRELOAD\0', program)),
  variables('LANG with NUL in its value', 'refused', setting('LANG', 'C\0LD_PRELOAD=/x')),
  variables('a value that is no UTF-8', 'refused', async (arena) => {
    using peer = await loggedIn(arena.login());
    const heard = await execute(peer, 'env', {
      before: (channel) => [
        channelRequest(channel, 'env').text('LANG').bytes(Buffer.of(0xff, 0x41)),
      ],
    });
    return heard?.replies[0] === false ? 'refused' : 'set';
  }),
  variables('a thousand of them', 'refused', async (arena) => {
    using peer = await loggedIn(arena.login());
    const heard = await execute(peer, 'true', {
      before: (channel) =>
        Array.from({ length: 1000 }, (_, at) => envRequest(channel, 'LANG', `x${at}`)),
    });
    // Cut where they come faster than they are answered.
    if (heard === undefined) return 'refused';
    return heard.replies.filter(Boolean).length <= 65 ? 'refused' : 'set';
  }),
  variables('one behind the command', 'refused', async (arena) => {
    using peer = await loggedIn(arena.login());
    const channel = await session(peer);
    peer.send(exec(channel, 'sleep 0.2; env'), envRequest(channel, 'LANG', 'late_1'));
    const heard = await hear(peer);
    return heard?.replies[1] === false && !heard.stdout.includes('late_1') ? 'refused' : 'set';
  }),
];

/** A request in front of a command; whether it was granted, and whether anything of it is seen there. */
const asking =
  (request: (channel: number) => FieldWriter, trace: RegExp) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login());
    const heard = await execute(peer, 'env', { before: (channel) => [request(channel)] });
    if (heard === undefined) return 'cut';
    if (trace.test(heard.stdout)) return 'granted';
    return heard.replies[0] === true ? 'said to be granted' : 'refused';
  };

/** Says it behind a command that is held open; what the connection is worth then. */
const behind =
  (say: (channel: number, arena: GatewayArena) => readonly FieldWriter[]) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login());
    const channel = await session(peer);
    peer.send(exec(channel, 'cat'));
    await peer.next(messages.channelSuccess);
    peer.send(...say(channel, arena), about(messages.channelEof, channel));
    const heard = await hear(peer);
    if (heard === undefined) return 'cut';
    if (await arena.canaries.reached(heard.stdout, heard.stderr)) return 'reached';
    return heard.replies.some(Boolean) ? 'granted' : 'refused';
  };

async function subsystem(arena: GatewayArena, name: string): Promise<string> {
  using peer = await loggedIn(arena.login());
  const channel = await session(peer);
  peer.send(channelRequest(channel, 'subsystem').text(name));
  const answer = await peer.next(messages.channelSuccess, messages.channelFailure);
  return answer?.[0] === messages.channelFailure ? 'refused' : 'granted';
}

async function openOf(arena: GatewayArena, type: string): Promise<string> {
  using peer = await loggedIn(arena.login());
  const channel = await opened(peer, { type });
  if (channel !== undefined) return 'granted';
  return (await run(peer, 'echo in')) === 'in\n' ? 'refused' : 'cut';
}

/** What is typed at a shell that has no terminal, or one that is not allowed. */
const shell =
  (before: (channel: number) => readonly FieldWriter[]) =>
  async (arena: GatewayArena): Promise<string> => {
    using peer = await loggedIn(arena.login());
    const channel = await session(peer);
    peer.send(...before(channel), channelRequest(channel, 'shell'));
    peer.send(data(channel, `${arena.canaries.program}\n`), about(messages.channelEof, channel));
    const heard = await hear(peer);
    if (heard === undefined) return 'cut';
    if (await arena.canaries.reached(heard.stdout)) return 'reached';
    return heard.status === 126 ? 'refused' : `ended with ${heard.status ?? 'nothing'}`;
  };

/** What the line editor says when it takes the next line. */
const prompt = '\u001b[?2004h';

/** A guarded shell that is given lines, each once the one before has ended; all that it shows until it ends. */
async function typed(arena: GatewayArena, ...lines: readonly string[]): Promise<string> {
  using peer = await loggedIn(arena.login());
  const channel = await session(peer);
  peer.send(ptyRequest(channel), channelRequest(channel, 'shell'));
  let shown = await shownUntil(peer, prompt);
  for (const line of lines) {
    peer.send(data(channel, `\u001b[200~${line}\u001b[201~\r`));
    shown += await shownUntil(peer, prompt);
  }
  peer.send(data(channel, '\u0015exit\r'));
  const last = await hear(peer);
  if (await arena.canaries.reached(shown, last?.stdout ?? '')) return 'reached';
  return shown.includes('denied') ? 'refused' : `shown ${JSON.stringify(shown)}`;
}

async function shownUntil(peer: RawPeer, text: string): Promise<string> {
  let shown = '';
  while (!shown.includes(text)) {
    const message = await peer.next(messages.channelData, messages.channelClose);
    if (message?.[0] !== messages.channelData) throw new Error(`it ended after ${shown}`);
    shown += new FieldReader(message, 5).text();
  }
  return shown;
}

const line = (name: string, ...lines: readonly string[]): GatewayAttack =>
  requests(`typed into the guarded shell: ${name}`, 'refused', (arena) =>
    typed(
      arena,
      ...lines.map((each) =>
        each.replaceAll('!', arena.canaries.program).replaceAll('@', arena.canaries.directory),
      ),
    ),
  );

const requestCases: readonly GatewayAttack[] = [
  requests(
    'the agent',
    'refused',
    asking((channel) => channelRequest(channel, 'auth-agent-req@openssh.com'), /^SSH_AUTH_SOCK=/m),
  ),
  requests(
    'X11',
    'refused',
    asking(
      (channel) =>
        channelRequest(channel, 'x11-req')
          .boolean(false)
          .text('MIT-MAGIC-COOKIE-1')
          .text('00')
          .uint32(0),
      /^DISPLAY=/m,
    ),
  ),
  requests(
    'a terminal whose name is a path',
    'refused',
    asking((channel) => ptyRequest(channel, '/tmp/x'), /^TERM=\/tmp\/x/m),
  ),
  requests(
    'a terminal whose name is a command',
    'refused',
    asking((channel) => ptyRequest(channel, '$(id)'), /^TERM=\$\(id\)/m),
  ),
  requests(
    'a terminal whose name is a line',
    'refused',
    asking((channel) => ptyRequest(channel, 'x\nid'), /^id/m),
  ),
  requests(
    'a terminal on the command line',
    'refused',
    asking((channel) => ptyRequest(channel, '-x'), /^TERM=-x/m),
  ),
  requests(
    'a second command on a channel',
    'refused',
    behind((channel, { canaries }) => [exec(channel, canaries.program)]),
  ),
  requests(
    'a shell behind a command',
    'refused',
    behind((channel) => [channelRequest(channel, 'shell')]),
  ),
  requests(
    'a subsystem behind a command',
    'refused',
    behind((channel) => [channelRequest(channel, 'subsystem').text('sftp')]),
  ),
  requests(
    'a terminal behind a command',
    'refused',
    behind((channel) => [ptyRequest(channel)]),
  ),
  requests(
    'the agent behind a command',
    'refused',
    behind((channel) => [channelRequest(channel, 'auth-agent-req@openssh.com')]),
  ),
  requests(
    'an exit status from the client, which goes nowhere',
    'granted',
    behind((channel) => [channelRequest(channel, 'exit-status').uint32(0)]),
  ),
  requests(
    'an unknown request',
    'refused',
    behind((channel) => [channelRequest(channel, 'run-me@example.com').text('id')]),
  ),
  requests('a command of nothing', 'refused', (arena) => outcome(arena, '')),
  requests('a command of blanks', 'refused', (arena) => outcome(arena, '  \t ')),
  requests('a command of 17 KiB', 'refused', (arena) => outcome(arena, `: ${'x'.repeat(17_000)}`)),
  requests('a command with NUL', 'refused', (arena) => outcome(arena, 'true\0; id')),
  requests('a command with a carriage return', 'refused', (arena) => outcome(arena, 'true\rid')),
  requests('a command with an escape', 'refused', (arena) => outcome(arena, 'echo \u001b[2J')),
  requests('a command of a thousand commands', 'refused', (arena) =>
    outcome(arena, ': ;'.repeat(1000)),
  ),
  requests('a command a thousand deep', 'refused', (arena) =>
    outcome(arena, `${'('.repeat(1000)}id${')'.repeat(1000)}`),
  ),
  requests('a command that is no UTF-8', 'refused', (arena) =>
    outcome(arena, Buffer.from('echo \xff', 'latin1')),
  ),
  ...['sftp-server', 'netconf', 'SFTP', 'sftp ', '', '../sftp', 'sftp\0x'].map((name) =>
    requests(`the subsystem ${JSON.stringify(name)}`, 'refused', (arena) => subsystem(arena, name)),
  ),
  ...['x11', 'auth-agent@openssh.com', 'tun@openssh.com', 'session@x', ''].map((type) =>
    requests(`a channel of type ${JSON.stringify(type)}`, 'refused', (arena) =>
      openOf(arena, type),
    ),
  ),
  requests(
    'a shell without a terminal',
    'refused',
    shell(() => []),
  ),
  requests(
    'a raw shell, wished for',
    'refused',
    shell((channel) => [envRequest(channel, 'SALLYPORT_SHELL', 'recorded'), ptyRequest(channel)]),
  ),
  line('the program', '!'),
  line('the program in the background', '! &'),
  line('what cat would read', 'cat @/canary/secret'),
  line('a function under another name', 'ls() { !; }', 'ls'),
  line('an alias', 'alias ls=!', 'ls'),
  line('a trap', 'trap ! EXIT'),
  line('a debug trap', "trap '!' DEBUG", 'true'),
  line('a variable for later', 'x=!', '$x'),
  line('a path for later', 'PATH=@/bin:$PATH', 'forbidden'),
  line('a directory, then a name in it', 'cd @/bin', './forbidden'),
  line('a prompt', "PROMPT_COMMAND='!'", 'true'),
  line('PS4', "PS4='$(!)'", 'set -x', 'true'),
  line('another shell', 'bash'),
  line('an editor’s shell', 'vi -c ":!"'),
  line('a line of two', 'cat <<EOF\n$(!)\nEOF'),
  line('a hash', 'hash -p ! ls', 'ls'),
  line('what is read by read', 'read x <<< !', 'eval "$x"'),
  line('exec', 'exec !'),
  line('a redirection of the shell', 'exec < @/open/script'),
  line('a read of a script', '. @/open/script'),
  line('options of the shell', 'shopt -s expand_aliases', 'alias x=!', 'x'),
];

async function outcome(arena: GatewayArena, command: string | Buffer): Promise<string> {
  using peer = await loggedIn(arena.login());
  const channel = await session(peer);
  peer.send(channelRequest(channel, 'exec').bytes(Buffer.from(command)));
  const heard = await hear(peer);
  if (heard === undefined) return 'cut';
  return heard.status === 126 ? 'refused' : `ended with ${heard.status ?? 'nothing'}`;
}

export { variableCases, requestCases };
