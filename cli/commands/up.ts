// `sallyport up`: the gateway as a process: starts its parts, follows signals, drains before it ends.

import type { Argv } from 'yargs';

import { ControlServer, controlSocket } from '#control';
import type { Config, OperatorLog } from '#engine';
import { Engine, errorFields, jsonLog, loadConfig, version } from '#engine';
import { ConnectionSlots, formatAddress } from '#transport';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';

interface UpOptions {
  readonly config: string;
}

interface Gateway {
  readonly engine: Engine;
  readonly control: ControlServer;
  readonly hosts: readonly Host[];
}

/** One protocol's listener. */
interface Host {
  readonly protocol: keyof Config['listen'];
  readonly address: { readonly host: string; readonly port: number };
  readonly drain: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function addUp(yargs: Argv, context: CommandContext): void {
  addCommand<UpOptions>(
    yargs,
    {
      command: 'up',
      describe: 'run the gateway in the foreground',
      options: (line) => line.option('config', configOption),
      run,
    },
    context,
  );
}

async function run({ config: file }: UpOptions, terminal: Terminal): Promise<ExitCode> {
  const config = loadConfig(file);
  const log = jsonLog((line) => {
    terminal.err(line.trimEnd());
  }, Date.now);
  const stop = stopSignal(log);
  const gateway = await start(config, log);
  const hangup = () => {
    gateway.engine.authenticator.reload();
    void gateway.engine.reloadPolicies();
  };
  process.on('SIGHUP', hangup);
  const { revision, rejected } = gateway.engine.policyStatus;
  const addresses = gateway.hosts.map(
    ({ protocol, address }) => [protocol, formatAddress(address)] as const,
  );
  const listening = Object.fromEntries(addresses);
  log('ready', { version, ...listening, revision, rejected: rejected.length });
  for (const [protocol, address] of addresses) terminal.out(`${protocol} ${address}`);
  await stop;
  await end(gateway, log);
  process.off('SIGHUP', hangup);
  return exitCodes.ok;
}

/** Parts that were started are ended again when a later one cannot start. */
async function start(config: Config, log: OperatorLog): Promise<Gateway> {
  const engine = await Engine.start(config, log);
  const slots = new ConnectionSlots(config.limits.connectionsMax);
  const hosts: Host[] = [];
  let control: ControlServer | undefined;
  try {
    control = await ControlServer.start({
      socket: controlSocket(config.state),
      authenticator: engine.authenticator,
      desk: engine.desk,
      status: () => statusOf(engine),
    });
    for (const protocol of protocols)
      await startHost(protocol, { engine, config, log, slots, hosts });
    return { engine, control, hosts };
  } catch (error) {
    await Promise.all(hosts.map((host) => host.close()));
    await control?.close();
    await engine.close();
    throw error;
  }
}

interface Start {
  readonly engine: Engine;
  readonly config: Config;
  readonly log: OperatorLog;
  readonly slots: ConnectionSlots;
  readonly hosts: Host[];
}

const protocols = ['postgres', 'http', 'ssh'] as const;

/** A host's code is loaded only where something listens for it. */
async function startHost(protocol: (typeof protocols)[number], start: Start): Promise<void> {
  const { hosts, ...options } = start;
  const listen = options.config.listen[protocol];
  if (listen === undefined) return;
  const host = await open(protocol, { ...options, listen });
  hosts.push({
    protocol,
    address: host.address,
    drain: () => host.drain(),
    close: () => host.close(),
  });
}

async function open(
  protocol: (typeof protocols)[number],
  options: Omit<Start, 'hosts'> & { readonly listen: string },
) {
  switch (protocol) {
    case 'postgres':
      return (await import('#hosts/postgres')).PostgresHost.start(options);
    case 'http':
      return (await import('#hosts/http')).HttpHost.start(options);
    case 'ssh':
      return (await import('#hosts/ssh')).SshHost.start(options);
  }
}

function statusOf(engine: Engine) {
  const { revision, packages, loadedAt, rejected } = engine.policyStatus;
  return {
    version,
    holds: engine.desk.list().length,
    policy: {
      revision,
      packages,
      loadedAt: new Date(loadedAt).toISOString(),
      rejected: rejected.map(({ code, message, file, line }) => ({ code, message, file, line })),
    },
  };
}

/** Resolves at the first signal to stop; a second one ends the process at once. */
function stopSignal(log: OperatorLog): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let stopping = false;
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (stopping) process.exit(exitCodes.interrupted);
      stopping = true;
      log('stopping', { signal: name });
      resolve(name);
    });
  }
  return promise;
}

/** Approvals can be answered until the last session is gone. */
async function end({ engine, control, hosts }: Gateway, log: OperatorLog): Promise<void> {
  await Promise.all(hosts.map((host) => endHost(host, log)));
  await control.close();
  await engine.close();
  log('stopped');
}

async function endHost(host: Host, log: OperatorLog): Promise<void> {
  try {
    await host.drain();
    await host.close();
  } catch (error) {
    log('stop-failed', { protocol: host.protocol, ...errorFields(error) });
  }
}
