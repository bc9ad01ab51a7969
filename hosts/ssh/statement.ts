// From what a client asks for to the statements that policies judge (schemas/ssh.json).

import type { JsonObject, Statement } from '#engine';

import type { FileFacts } from './files/index.ts';
import type { CommandFacts } from './shell/index.ts';

/** What every statement of a channel says alike. */
export interface Asker {
  /** The account on the target. */
  readonly user: string;
  readonly pty: boolean;
}

export type InteractiveMode = 'guarded' | 'recorded';

export interface ForwardFacts {
  readonly direction: 'local' | 'remote';
  /** As it was asked for, in lower case; the path of a socket. */
  readonly host: string;
  /** What the name was resolved to; empty for sockets and listeners. */
  readonly address: string;
  /** 0 for sockets. */
  readonly port: number;
}

const noShell = {
  ...{ confidence: '', commands: [], programs: [], reads: [], writes: [] },
  ...{ deletes: [], hosts: [], doubts: [] },
};
const noFile = { operation: '', path: '', to: '', protocol: '', recursive: false };
const noForward = { direction: '', host: '', address: '', port: 0 };

/** A command for the target's shell, or a line typed into the guarded one. */
export function commandStatement(
  command: 'EXEC' | 'LINE',
  asker: Asker,
  read: { readonly facts: CommandFacts; readonly text: string },
): Statement {
  const { commands, ...lists } = read.facts;
  const shell = { ...lists, commands: commands.map((each) => ({ ...each })) };
  return statement(asker, { command, shell }, read.text);
}

export function shellStatement(asker: Asker, mode: InteractiveMode): Statement {
  return statement(asker, { command: 'SHELL', interactive: { mode } }, `interactive ${mode} shell`);
}

export function fileStatement(asker: Asker, facts: FileFacts): Statement {
  const { protocol, operation, path, to } = facts;
  const text = [protocol, operation, path, ...(to === '' ? [] : [to])].join(' ');
  return statement(asker, { command: 'FILE', file: { ...facts } }, text);
}

export function forwardStatement(asker: Asker, facts: ForwardFacts): Statement {
  const { direction, host, address, port } = facts;
  const resolved = address === '' || address === host ? '' : ` (${address})`;
  const place = port === 0 ? host : `${host}:${port}`;
  const text = `forward ${direction} ${place}${resolved}`;
  return statement(asker, { command: 'FORWARD', forward: { ...facts } }, text);
}

export function envStatement(asker: Asker, name: string, value: string): Statement {
  return statement(asker, { command: 'ENV', env: { name, value } }, `env ${name}=${value}`);
}

export function agentStatement(asker: Asker): Statement {
  return statement(asker, { command: 'AGENT' }, 'forward the agent');
}

type Said = Readonly<Record<string, JsonObject[string]>> & { readonly command: string };

function statement({ user, pty }: Asker, said: Said, text: string): Statement {
  const facts: JsonObject = {
    ...{ user, pty, shell: noShell, interactive: { mode: '' }, file: noFile, forward: noForward },
    env: { name: '', value: '' },
    truncated: false,
    ...said,
  };
  return { kind: 'ssh', facts, text };
}
