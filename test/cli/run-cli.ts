// Runs the command line as a process, in a directory made for the test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createToken } from '../../engine/identity/index.ts';
import { createCertificateAuthority } from '../../lab/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const launcher = join(root, 'bin', 'sallyport');

export interface CliResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Another way to the launcher, for example a link. */
  readonly launcher?: string;
}

export async function cli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = spawn(options.launcher ?? launcher, args, {
    cwd: options.cwd,
    env: { ...process.env, SALLYPORT_TOKEN: '', NODE_OPTIONS: '', ...options.env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(options.input ?? '');
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

export const config = `\
policies: ./policies
state: ./state
identity: {tokens: ./tokens.yaml}
tls: {certificate: ./tls/gateway.crt, key: ./tls/gateway.key}
listen: {postgres: "127.0.0.1:0"}
targets:
  shop:
    postgres: 127.0.0.1:5432/shop
    credential: {user: gateway, password: {file: ./secret}}
    labels: {env: production}
`;

export interface Gateway {
  readonly tokens: Readonly<Record<'ada' | 'dora', string>>;
}

/** Everything that `up` would read, with the example policies. */
export function writeGateway(directory: string): Gateway {
  const authority = createCertificateAuthority('test CA');
  const leaf = authority.issue({ commonName: 'gateway', ips: ['127.0.0.1'] });
  mkdirSync(join(directory, 'tls'));
  const write = (path: string, text: string) => {
    writeFileSync(join(directory, path), text, { mode: 0o600 });
  };
  write('tls/gateway.crt', leaf.certificatePem);
  write('tls/gateway.key', leaf.keyPem);
  write('secret', 'a password\n');
  write('sallyport.yaml', config);
  const ada = createToken();
  const dora = createToken();
  write(
    'tokens.yaml',
    `tokens:\n  - {id: ada, groups: [engineering], hash: "${ada.hash}"}\n  - {id: dora, groups: [dba], hash: "${dora.hash}"}\n`,
  );
  cpSync(join(root, 'policies/examples/postgres'), join(directory, 'policies'), {
    recursive: true,
  });
  return { tokens: { ada: ada.token, dora: dora.token } };
}
