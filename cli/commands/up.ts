// `sallyport up`: the gateway as a process: starts its parts, follows signals, drains before it ends.

import type { Argv } from 'yargs';

import { ControlServer, controlSocket } from '#control';
import type { Config, OperatorLog } from '#engine';
import { Engine, errorFields, jsonLog, loadConfig, version } from '#engine';
import type { PostgresHost } from '#hosts/postgres';
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
  readonly postgres: PostgresHost;
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
  const { host, port } = gateway.postgres.address;
  const { revision, rejected } = gateway.engine.policyStatus;
  const postgres = `${host}:${port}`;
  log('ready', { version, postgres, revision, rejected: rejected.length });
  terminal.out(`postgres ${postgres}`);
  await stop;
  await end(gateway, log);
  process.off('SIGHUP', hangup);
  return exitCodes.ok;
}

/** Parts that were started are ended again when a later one cannot start. */
async function start(config: Config, log: OperatorLog): Promise<Gateway> {
  const { PostgresHost } = await import('#hosts/postgres');
  const engine = await Engine.start(config, log);
  let control: ControlServer | undefined;
  try {
    control = await ControlServer.start({
      socket: controlSocket(config.state),
      authenticator: engine.authenticator,
      desk: engine.desk,
      status: () => statusOf(engine),
    });
    const postgres = await PostgresHost.start({ engine, config, log });
    return { engine, control, postgres };
  } catch (error) {
    await control?.close();
    await engine.close();
    throw error;
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
async function end({ engine, control, postgres }: Gateway, log: OperatorLog): Promise<void> {
  try {
    await postgres.drain();
    await postgres.close();
  } catch (error) {
    log('stop-failed', errorFields(error));
  }
  await control.close();
  await engine.close();
  log('stopped');
}
