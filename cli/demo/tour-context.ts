// What every step of the tour has at hand, and how it asks and runs things.

import { callControl, controlSocket } from '#control';

import { displayPath } from './display-path.ts';
import type { Client, ClientReply, ClientSession } from './client-session.ts';
import type { HttpClient } from './http-client.ts';
import type { Narrator } from './narrator.ts';
import type { Person, PersonName } from './people.ts';
import type { CommandResult, Gateway } from './programs.ts';
import { runCommand } from './programs.ts';
import type { WebServer } from './web-server.ts';
import type { Workspace } from './workspace.ts';

export interface Tour {
  readonly workspace: Workspace;
  readonly client: Client;
  readonly http: HttpClient;
  /** None where OpenSSH is missing. */
  readonly web: WebServer | undefined;
  readonly sshPort: number;
  readonly gateway: Gateway;
  readonly narrator: Narrator;
  /** Stays open from the first step to the last but one. */
  readonly ada: ClientSession;
}

export type TourParts = Omit<Tour, 'ada'>;

/** A statement on ada's open connection. */
export function ask(tour: Tour, sql: string): Promise<ClientReply> {
  return askAs(tour, { name: 'ada', session: tour.ada }, sql);
}

interface Asker {
  readonly name: PersonName;
  readonly session: ClientSession;
}

export async function askAs(
  { narrator }: TourParts,
  asker: Asker,
  sql: string,
): Promise<ClientReply> {
  narrator.typed(`${asker.name}=>`, sql);
  const reply = await asker.session.run(sql);
  narrator.shown(reply.text);
  return reply;
}

/** A command in another terminal, by someone who holds their own token; by nobody when undefined. */
export async function command(
  { narrator, workspace }: TourParts,
  person: Person | undefined,
  args: readonly string[],
): Promise<CommandResult> {
  const token = person === undefined ? [] : ['--token-file', person.tokenFile];
  const all = [...args, '--config', workspace.config, ...token];
  narrator.typed(`${person?.name ?? ''}$`, `sallyport ${all.map(shellWord).join(' ')}`);
  const result = await runCommand(all);
  narrator.shown(result.text);
  return result;
}

/** Paths as they can be typed here; words with blanks in quotes. */
function shellWord(word: string): string {
  const short = word.startsWith('/') ? displayPath(word) : word;
  return /^[\w./@:=-]+$/.test(short) ? short : `'${short}'`;
}

const pollMs = 50;

/** The hold's id as soon as there is one; '' when the reply comes instead. */
export async function heldFor(
  { workspace }: TourParts,
  { token }: Person,
  reply: Promise<unknown>,
): Promise<string> {
  const waiting = new AbortController();
  const over = (): void => {
    waiting.abort();
  };
  reply.then(over, over);
  const socket = controlSocket(workspace.state);
  while (!waiting.signal.aborted) {
    const listed = await callControl({ socket, token, method: 'GET', path: '/approvals' });
    const { approvals = [] } = (listed.kind === 'answered' ? listed.body : {}) as {
      readonly approvals?: readonly { readonly id: string }[];
    };
    const [first] = approvals;
    if (first !== undefined) return first.id;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return '';
}
