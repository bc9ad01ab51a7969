// The demo from start to end: a database, a billing service, a gateway, a tour, and then a gateway to play with.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PostgresServer } from '#lab';
import { findProgram, freePort, startPostgres } from '#lab';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportError } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { Cleanup } from './cleanup.ts';
import type { Client } from './client-session.ts';
import { startBilling } from './billing.ts';
import { chooseClient } from './client.ts';
import { displayPath } from './display-path.ts';
import type { HttpClient } from './http-client.ts';
import { chooseHttpClient } from './http-client.ts';
import { Narrator } from './narrator.ts';
import { Gateway } from './programs.ts';
import { gatewayRole, shopDatabase, shopSetup } from './shop.ts';
import { runTour } from './tour.ts';
import type { Workspace } from './workspace.ts';
import type { WebServer } from './web-server.ts';
import { startWebServer } from './web-server.ts';
import { billingName, createWorkspace, gatewayName, writeConfig } from './workspace.ts';

const launcher = fileURLToPath(new URL('../../bin/sallyport', import.meta.url));

export interface DemoOptions {
  readonly directory: string;
  /** End after the tour. */
  readonly once: boolean;
}

export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  const cleanup = new Cleanup();
  const interrupted = onInterrupt(cleanup);
  try {
    return await Promise.race([interrupted, demo(options, terminal, cleanup)]);
  } finally {
    await cleanup.run();
  }
}

/** Ctrl-C ends the demo in order, a second one at once. */
async function onInterrupt(cleanup: Cleanup): Promise<ExitCode> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let stopping = false;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stopping) process.exit(exitCodes.interrupted);
      stopping = true;
      resolve(undefined);
    });
  }
  await promise;
  await cleanup.run();
  return exitCodes.interrupted;
}

async function demo(
  { directory, once: ends }: DemoOptions,
  terminal: Terminal,
  cleanup: Cleanup,
): Promise<ExitCode> {
  const started = performance.now();
  const workspace = await createWorkspace(directory);
  const ports = {
    gatewayPort: await freePort(),
    httpPort: await freePort(),
    sshPort: await freePort(),
  };
  const { database, web } = await startServers(workspace, ports, cleanup);
  const { gatewayPort, httpPort, sshPort } = ports;
  const gateway = await Gateway.start(workspace.config, join(workspace.directory, 'gateway.log'));
  cleanup.add(() => gateway.stop());
  process.once('exit', () => {
    gateway.kill();
  });
  const client = await chooseClient({
    port: gatewayPort,
    ca: workspace.ca,
    database: shopDatabase,
  });
  const http = chooseHttpClient(httpPort, workspace.ca);
  introduce(terminal, { workspace, database, client, http, web, ports });
  const narrator = new Narrator(terminal);
  try {
    await runTour({ workspace, client, http, web, sshPort, gateway, narrator });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const log = displayPath(join(workspace.directory, 'gateway.log'));
    reportError(terminal, `${narrator.step}: ${message}`, `the gateway's log is ${log}`);
    return exitCodes.failed;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  terminal.out('');
  terminal.out(terminal.style('bold', `every step showed what it claims, in ${seconds} s`));
  if (ends) return exitCodes.ok;
  inviteToTry(terminal, workspace, ports);
  await once(process, 'SIGINT');
  return exitCodes.ok;
}

interface Ports {
  readonly gatewayPort: number;
  readonly httpPort: number;
  readonly sshPort: number;
}

/** What the gateway protects; then its configuration can be written. */
async function startServers(
  workspace: Workspace,
  ports: Ports,
  cleanup: Cleanup,
): Promise<Pick<Scene, 'database' | 'web'>> {
  const web = await startWebServer(workspace.directory, workspace.people, ports.sshPort);
  if (web !== undefined) cleanup.add(() => web.server.stop());
  const billingToken = randomBytes(18).toString('base64url');
  const billing = await startBilling(workspace.billingTls, billingToken);
  cleanup.add(() => billing.stop());
  const databasePassword = randomBytes(18).toString('base64url');
  const { certificate, key } = workspace.databaseTls;
  const database = await startPostgres({
    tls: { certificate, key },
    hba: ['hostssl all all 127.0.0.1/32 scram-sha-256'],
    users: [{ name: gatewayRole, password: databasePassword }],
    database: shopDatabase,
    setup: shopSetup,
  });
  cleanup.add(() => database.stop());
  await writeConfig(workspace, {
    ...ports,
    ...{ databasePort: database.port, databasePassword },
    ...{ billingPort: billing.port, billingToken, web },
  });
  return { database, web };
}

interface Scene {
  readonly workspace: Workspace;
  readonly database: PostgresServer;
  readonly client: Client;
  readonly http: HttpClient;
  readonly web: WebServer | undefined;
  readonly ports: Ports;
}

function introduce(terminal: Terminal, scene: Scene): void {
  const { workspace, database, client, http, web, ports } = scene;
  const here = displayPath(workspace.directory);
  terminal.out(`database  PostgreSQL 18 on 127.0.0.1:${database.port}, TLS, with a small webshop`);
  terminal.out('service   a billing service over HTTPS, with an endpoint for MCP');
  terminal.out(
    `gateway   sallyport up on ${gatewayName}:${ports.gatewayPort} and :${http.port}, TLS`,
  );
  if (web !== undefined)
    terminal.out(`server    OpenSSH behind it; the gateway serves SSH on :${ports.sshPort}`);
  terminal.out(`clients   ${client.name}, ${http.name}`);
  terminal.out(`files     ${here}: sallyport.yaml, policies/, tokens.yaml, state/`);
}

function inviteToTry(
  terminal: Terminal,
  workspace: Workspace,
  { gatewayPort: port, httpPort, sshPort }: Ports,
): void {
  const { ada, grace, agent } = workspace.people;
  const here = displayPath(workspace.directory);
  terminal.out('');
  const others = findProgram('psql') === null ? ' (psql is not here; any client will do)' : '';
  terminal.out(`the gateway stays up until Ctrl-C; try it yourself${others}:`);
  for (const [person, who] of [
    [ada, 'an engineer'],
    [grace, 'an engineer who may read personal data'],
    [agent, 'an agent that may only read'],
  ] as const) {
    const target = `host=${gatewayName} hostaddr=127.0.0.1 port=${port} dbname=${shopDatabase}`;
    const tls = `sslmode=verify-full sslrootcert=${displayPath(workspace.ca)}`;
    terminal.out('');
    terminal.out(terminal.style('dim', `# ${person.name}, ${who}`));
    terminal.out(`PGPASSWORD=${person.token} psql "${target} user=${person.name} ${tls}"`);
  }
  terminal.out('');
  terminal.out(terminal.style('dim', '# the billing service, as ada; /plans, /customers, /mcp'));
  const bearer = `-H "Authorization: Bearer $(cat ${displayPath(ada.tokenFile)})"`;
  terminal.out(
    `curl --cacert ${displayPath(workspace.ca)} ${bearer} https://${billingName}:${httpPort}/customers`,
  );
  const keys = displayPath(join(workspace.directory, 'keys'));
  terminal.out('');
  terminal.out(
    terminal.style('dim', '# the server, as ada: a command, or a guarded shell without one'),
  );
  terminal.out(
    `ssh -i ${keys}/ada -o UserKnownHostsFile=${keys}/known_hosts -p ${sshPort} web-1@127.0.0.1 uptime`,
  );
  terminal.out('');
  terminal.out(terminal.style('dim', '# dora, who may approve what is held'));
  const options = `--config ${here}/sallyport.yaml --token-file ${here}/tokens/dora`;
  terminal.out(`${displayPath(launcher)} approvals list ${options}`);
  terminal.out(`edit ${here}/policies and see it hold`);
}
