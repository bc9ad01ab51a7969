// The demo's SSH server, and the keys of who calls it; where OpenSSH's server is missing, there is none.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import type { SshServer } from '#lab';
import { createSshKey, findProgram, startSshServer } from '#lab';

import type { People, PersonName } from './people.ts';

export interface WebServer {
  readonly server: SshServer;
  /** Private keys of those who call it. */
  readonly keys: Readonly<Record<'ada' | 'agent', string>>;
  /** By which callers know the gateway. */
  readonly knownHosts: string;
  /** Lines of sallyport.yaml. */
  readonly identity: string;
  readonly target: string;
}

const callers = ['ada', 'agent'] as const satisfies readonly PersonName[];

/** @param port where the gateway will serve SSH */
export async function startWebServer(
  directory: string,
  people: People,
  port: number,
): Promise<WebServer | undefined> {
  if (findProgram('sshd') === null || findProgram('ssh') === null) return undefined;
  const keys = join(directory, 'keys');
  await mkdir(keys, { mode: 0o700 });
  const at = (name: string): string => join(keys, name);
  const own = await createSshKey(at('web-1'), { comment: 'gateway' });
  const host = await createSshKey(at('gateway'), { comment: 'gateway' });
  const listed = [];
  for (const name of callers) {
    const { publicKey } = await createSshKey(at(name), { comment: name });
    const { id, groups } = people[name];
    const kind = name === 'agent' ? 'workload' : 'human';
    listed.push({ id, kind, groups, key: (await readFile(publicKey, 'utf8')).trim() });
  }
  await writeFile(join(directory, 'ssh-keys.yaml'), stringify({ keys: listed }));
  const known = await readFile(host.publicKey, 'utf8');
  await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${known}`);
  const server = await startSshServer({ authorizedKeys: [await readFile(own.publicKey, 'utf8')] });
  await writeFile(at('web-1-host.pub'), await readFile(server.hostKey));
  return {
    server,
    keys: { ada: at('ada'), agent: at('agent') },
    knownHosts: at('known_hosts'),
    identity: ', ssh: {keys: ./ssh-keys.yaml}',
    target: `\
  web-1:
    ssh: 127.0.0.1:${server.port}
    host_key: ./keys/web-1-host.pub
    credential: {user: ${server.user}, key: {file: ./keys/web-1}}
    labels: {env: production}
`,
  };
}
