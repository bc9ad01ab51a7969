// `sallyport ssh-config`: what callers put into their own ~/.ssh, so that `ssh web-1` goes through the gateway.

import type { Argv } from 'yargs';

import type { Config } from '#engine';
import { ConfigError, loadConfig } from '#engine';
import { parseAddress } from '#transport';
import type { CommandContext } from '../command.ts';
import { addCommand, configOption, jsonOption } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failure.ts';
import type { Terminal } from '../terminal.ts';

interface SshConfigOptions {
  readonly config: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly 'known-hosts': boolean;
  readonly json: boolean;
}

/** A name under which callers reach one account on one target. */
interface Alias {
  readonly host: string;
  readonly user: string;
}

interface Gateway {
  readonly host: string;
  readonly port: number;
}

export function addSshConfig(yargs: Argv, context: CommandContext): void {
  addCommand<SshConfigOptions>(
    yargs,
    {
      command: 'ssh-config',
      describe: "print a caller's ssh_config for the SSH targets",
      options: (line) =>
        line
          .option('config', configOption)
          .option('host', {
            describe: 'name by which callers reach the gateway',
            type: 'string',
            demandOption: true,
            requiresArg: true,
          })
          .option('port', {
            describe: 'port by which they do, if it is not that of listen.ssh',
            type: 'number',
            requiresArg: true,
          })
          .option('known-hosts', {
            describe: 'print the lines for known_hosts instead',
            type: 'boolean',
            default: false,
          })
          .option('json', jsonOption),
      run,
    },
    context,
  );
}

async function run(options: SshConfigOptions, terminal: Terminal): Promise<ExitCode> {
  const config = loadConfig(options.config);
  const gateway = gatewayOf(options, config);
  const aliases = aliasesOf(config);
  const knownHosts = await knownHostsOf(config, gateway);
  if (options.json) {
    terminal.json({ ...gateway, hosts: aliases, knownHosts });
  } else {
    const lines = options['known-hosts'] ? knownHosts : linesOf(gateway, aliases);
    for (const line of lines) terminal.out(line);
  }
  return exitCodes.ok;
}

function gatewayOf({ host, port }: SshConfigOptions, { file, listen }: Config): Gateway {
  if (listen.ssh === undefined) {
    throw new ConfigError('config-invalid', `${file}: listen.ssh is missing`);
  }
  // What is printed goes into files where a blank or a line break would be the next word or line.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}$/.test(host)) {
    throw new UsageError(`--host '${host}' is no name and no address`);
  }
  const there = port ?? parseAddress(listen.ssh).port;
  if (Number.isInteger(there) && there >= 1 && there <= 65535) return { host, port: there };
  throw new UsageError('say which --port: 1 to 65535');
}

/** Names of targets hold no dot, so that `app.web-1` is nothing else than the account on it. */
function aliasesOf({ targets }: Config): readonly Alias[] {
  return Array.from(targets.values()).flatMap((target) => {
    if (target.kind !== 'ssh') return [];
    const { name, credential } = target;
    const [, ...others] = credential.users;
    return [
      { host: name, user: name },
      ...others.map((user) => ({ host: `${user}.${name}`, user: `${user}@${name}` })),
    ];
  });
}

function linesOf({ host, port }: Gateway, aliases: readonly Alias[]): readonly string[] {
  return aliases.flatMap((alias) => [
    `Host ${alias.host}`,
    `    HostName ${host}`,
    `    Port ${port}`,
    `    User ${alias.user}`,
    // What a target must never get hold of; the gateway refuses both unless a policy allows them.
    '    ForwardAgent no',
    '    ForwardX11 no',
    '',
  ]);
}

/** Of a port that is not the usual one the name has brackets (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
async function knownHostsOf(config: Config, { host, port }: Gateway): Promise<readonly string[]> {
  const { decodePublicKey, formatPublicKeyLine, readHostKeys } = await import('#hosts/ssh');
  const name = port === 22 ? host : `[${host}]:${port}`;
  return readHostKeys(config).publicKeys.map(
    (blob) => `${name} ${formatPublicKeyLine(decodePublicKey(blob), '')}`,
  );
}
