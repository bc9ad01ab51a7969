// The demo's working directory: everything that an operator would write, ready to be read and changed.

import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { controlSocket, isControlled } from '#control';
import { ConfigError } from '#engine';
import type { CertificateFiles } from '#lab';
import { createCertificateAuthority, writeCertificates } from '#lab';
import type { People } from './people.ts';
import { writePeople } from './people.ts';
import { gatewayRole, shopDatabase } from './shop.ts';
import type { WebServer } from './web-server.ts';

const examples = fileURLToPath(new URL('../../policies/examples', import.meta.url));
const mark = '.sallyport-demo';
const address = '127.0.0.1';
/** Name in the gateway's certificate: libpq before 15 verifies no addresses. */
export const gatewayName = 'localhost';
/** The first label is the target's name. */
export const billingName = 'billing.localhost';

export interface Workspace {
  readonly directory: string;
  readonly config: string;
  readonly policies: string;
  readonly state: string;
  readonly ca: string;
  readonly databaseTls: CertificateFiles;
  readonly billingTls: CertificateFiles;
  readonly people: People;
}

/**
 * Makes the directory anew. Only an empty one, or one that an earlier demo made, is taken.
 *
 * @throws ConfigError when it is another's, or a gateway still runs in it.
 */
export async function createWorkspace(path: string): Promise<Workspace> {
  const directory = resolve(path);
  const state = join(directory, 'state');
  await clear(directory, state);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, mark), '');
  await copyPolicies(join(directory, 'policies'));
  const authority = createCertificateAuthority('Sallyport demo CA');
  const tls = join(directory, 'tls');
  const names = { dns: [gatewayName, billingName], ips: [address] };
  const leaf = authority.issue({ commonName: gatewayName, ...names });
  const { ca } = await writeCertificates(tls, 'gateway', leaf, authority);
  const server = authority.issue({ commonName: 'database', ips: [address] });
  const databaseTls = await writeCertificates(tls, 'database', server, authority);
  const billing = authority.issue({ commonName: 'billing', ips: [address] });
  return {
    directory,
    config: join(directory, 'sallyport.yaml'),
    policies: join(directory, 'policies'),
    state,
    ca,
    databaseTls,
    billingTls: await writeCertificates(tls, 'billing', billing, authority),
    people: await writePeople(directory),
  };
}

/** Rules of each protocol in a directory of their own; tables of all in one document, where rules find them. */
async function copyPolicies(directory: string): Promise<void> {
  const tables: object[] = [];
  for (const protocol of ['postgres', 'http', 'ssh']) {
    const from = join(examples, protocol);
    const to = protocol === 'postgres' ? directory : join(directory, protocol);
    await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('data.json') });
    tables.push(JSON.parse(await readFile(join(from, 'data.json'), 'utf8')) as object);
  }
  const all = Object.assign({}, ...tables) as object;
  await writeFile(join(directory, 'data.json'), `${JSON.stringify(all, undefined, 2)}\n`);
}

async function clear(directory: string, state: string): Promise<void> {
  const names = await readdir(directory).catch((): string[] => []);
  if (names.length === 0) return;
  if (!names.includes(mark)) {
    throw new ConfigError('config-invalid', `${directory}: is not empty and no demo made it`, {
      hint: 'name another directory with --dir',
    });
  }
  if (await isControlled(controlSocket(state))) {
    throw new ConfigError('state-in-use', `${directory}: another demo runs here`, {
      hint: 'end it first, or name another directory with --dir',
    });
  }
  await rm(directory, { recursive: true });
}

export interface Addresses {
  readonly gatewayPort: number;
  readonly databasePort: number;
  readonly databasePassword: string;
  readonly httpPort: number;
  readonly billingPort: number;
  readonly billingToken: string;
  readonly sshPort: number;
  readonly web: WebServer | undefined;
}

export async function writeConfig(workspace: Workspace, addresses: Addresses): Promise<void> {
  const { directory, config } = workspace;
  await mkdir(join(directory, 'secrets'), { mode: 0o700 });
  await writeFile(join(directory, 'secrets', 'shop'), addresses.databasePassword, { mode: 0o600 });
  await writeFile(join(directory, 'secrets', 'billing'), addresses.billingToken, { mode: 0o600 });
  await writeFile(config, configText(addresses));
}

const configText = ({
  gatewayPort,
  databasePort,
  httpPort,
  billingPort,
  sshPort,
  web,
}: Addresses) => `\
policies: ./policies
state: ./state
identity: {tokens: ./tokens.yaml${web?.identity ?? ''}}
tls: {certificate: ./tls/gateway.crt, key: ./tls/gateway.key}
listen: {postgres: "${address}:${gatewayPort}", http: "${address}:${httpPort}"${web === undefined ? '' : `, ssh: "${address}:${sshPort}"`}}
${web === undefined ? '' : 'ssh: {host_keys: [./keys/gateway]}\n'}targets:
  shop:
    postgres: ${address}:${databasePort}/${shopDatabase}
    tls: {ca: ./tls/ca.crt}
    credential: {user: ${gatewayRole}, password: {file: ./secrets/shop}}
    labels: {env: production}
  billing:
    http: https://${address}:${billingPort}
    tls: {ca: ./tls/ca.crt}
    credential: {bearer: {file: ./secrets/billing}}
    labels: {env: production}
    mcp: [/mcp]
${web?.target ?? ''}`;
