// A real gateway process in front of a real OpenSSH server, with policies given inline and a key for each person.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Limits } from '#engine/model';
import type { SshServer, SshServerOptions } from '#lab';
import { createSshKey, freePort, requiredProgram, startSshServer, temporaryDirectory } from '#lab';
import type { GatewayFiles, PolicyTexts, TestPrincipal } from './gateway-files.ts';
import { writeGatewayFiles, writePolicies } from './gateway-files.ts';
import type { LogLine } from './gateway-process.ts';
import { GatewayProcess } from './gateway-process.ts';
import type { ProgramResult, RunningProgram } from './program.ts';
import { startProgram } from './program.ts';

export const allowAllSsh: PolicyTexts = {
  'allow.rego':
    'package rules.ssh.everything\n\nimport rego.v1\n\nallow contains "everything is allowed"\n',
};

export interface SshGatewayOptions {
  /** `allowAllSsh` unless given. */
  readonly policies?: PolicyTexts;
  /** `ada`, a human in `engineering`, unless given. Each gets a key and a token. */
  readonly principals?: Readonly<Record<string, TestPrincipal>>;
  /** Beside or instead of the keys, as in sallyport.yaml. */
  readonly identity?: object;
  /** Of the target `box`, beside or instead of a key that the gateway logs in with. */
  readonly serverOptions?: SshServerOptions;
  /** Beside `box`, the server that is started; as in sallyport.yaml. */
  readonly targets?: Readonly<Record<string, object>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** More of the target `box`. */
  readonly box?: object;
  /** A second target `near`, the same server, with this more. */
  readonly near?: object;
  readonly limits?: Partial<Limits>;
  /** More of the file of keys. */
  readonly moreKeys?: readonly object[];
  /** Written before the gateway starts, into its directory. */
  readonly prepare?: (directory: string) => Promise<void>;
  /** Of the gateway's process, beside this one's. */
  readonly environment?: NodeJS.ProcessEnv;
}

interface Parts {
  readonly directory: string;
  readonly port: number;
  readonly files: GatewayFiles;
  readonly process: GatewayProcess;
  readonly server: SshServer;
  readonly remove: () => Promise<void>;
}

export class SshGateway implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async start(options: SshGatewayOptions = {}): Promise<SshGateway> {
    const place = await temporaryDirectory('sallyport-ssh-gateway-');
    const at = (name: string): string => join(place.path, name);
    const principals = options.principals ?? { ada: { groups: ['engineering'] } };
    let server: SshServer | undefined;
    try {
      const own = await createSshKey(at('target-key'));
      const hostKey = await createSshKey(at('gateway-host-key'));
      server = await startSshServer({
        authorizedKeys: [await readFile(own.publicKey, 'utf8')],
        ...options.serverOptions,
      });
      await options.prepare?.(place.path);
      await writeKeys(place.path, principals, options.moreKeys);
      const port = await freePort();
      const box = {
        ssh: `127.0.0.1:${server.port}`,
        host_key: server.hostKey,
        credential: { user: server.user, key: { file: own.key } },
        ...options.box,
      };
      const files = await writeGatewayFiles(place.path, {
        policies: allowAllSsh,
        ...options,
        principals,
        identity: { ssh: { keys: './ssh-keys.yaml' }, ...options.identity },
        listen: { ssh: `127.0.0.1:${port}` },
        ssh: { host_keys: [hostKey.key] },
        targets: {
          box,
          ...(options.near === undefined ? {} : { near: { ...box, ...options.near } }),
          ...options.targets,
        },
      });
      const known = await readFile(hostKey.publicKey, 'utf8');
      await writeFile(at('known_hosts'), `[127.0.0.1]:${port} ${known}`);
      const served = await readFile(server.hostKey, 'utf8');
      await writeFile(at('known_hosts_of_server'), `[127.0.0.1]:${server.port} ${served}`);
      const gateway = await GatewayProcess.start(files.config, options.environment);
      const remove = (): Promise<void> => place.remove();
      return new SshGateway({
        ...{ directory: place.path, port, files, process: gateway, server, remove },
      });
    } catch (error) {
      await server?.stop();
      await place.remove();
      throw error;
    }
  }

  get port(): number {
    return this.#parts.port;
  }

  get process(): GatewayProcess {
    return this.#parts.process;
  }

  get server(): SshServer {
    return this.#parts.server;
  }

  get files(): GatewayFiles {
    return this.#parts.files;
  }

  /** A directory of the test's own. */
  get directory(): string {
    return this.#parts.directory;
  }

  get recordings(): string {
    return join(this.#parts.files.state, 'recordings');
  }

  token(principal = 'ada'): string {
    const token = this.files.tokens.get(principal);
    if (token === undefined) throw new Error(`no principal ${principal}`);
    return token;
  }

  /** The private key of a principal. */
  key(principal = 'ada'): string {
    return join(this.#parts.directory, `key-${principal}`);
  }

  /** Options of OpenSSH's clients that lead to the gateway as this principal, with nothing of the account's own. */
  options(principal = 'ada'): readonly string[] {
    const settings = [
      ...['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes'],
      `UserKnownHostsFile=${join(this.#parts.directory, 'known_hosts')}`,
      `IdentityFile=${this.key(principal)}`,
      `Port=${this.port}`,
    ];
    return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])];
  }

  /** The same, straight to the server that the gateway protects. */
  directOptions(): readonly string[] {
    const { directory } = this.#parts;
    const settings = [
      ...['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes'],
      `UserKnownHostsFile=${join(directory, 'known_hosts_of_server')}`,
      `IdentityFile=${join(directory, 'target-key')}`,
      `Port=${this.server.port}`,
    ];
    return ['-F', 'none', ...settings.flatMap((setting) => ['-o', setting])];
  }

  /** OpenSSH's own client. `args` are what stands behind the destination, or options before it with `before`. */
  startSsh(
    args: readonly string[],
    call: {
      readonly principal?: string;
      readonly target?: string;
      readonly before?: readonly string[];
      readonly input?: string;
    } = {},
  ): RunningProgram {
    const { principal = 'ada', target = 'box', before = [], input = '' } = call;
    return startProgram(
      requiredProgram('ssh', 'openssh-client'),
      [...this.options(principal), ...before, `${target}@${this.host}`, ...args],
      { env: { PATH: process.env['PATH'] }, input },
    );
  }

  ssh(...call: Parameters<SshGateway['startSsh']>): Promise<ProgramResult> {
    return this.startSsh(...call).result;
  }

  /** Writes policies and waits for the gateway's answer: event `policy-loaded` or `policy-rejected`. */
  async changePolicies(policies: PolicyTexts): Promise<LogLine> {
    const mark = this.process.log.length;
    await writePolicies(this.files.policies, policies);
    return this.process.logged(
      ({ event }) => event === 'policy-loaded' || event === 'policy-rejected',
      mark,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.kill();
    await this.server.stop();
    await this.#parts.remove();
  }
}

/** JSON is YAML. */
async function writeKeys(
  directory: string,
  principals: Readonly<Record<string, TestPrincipal>>,
  more: readonly object[] = [],
): Promise<void> {
  const keys: object[] = [...more];
  for (const [id, principal] of Object.entries(principals)) {
    const { publicKey } = await createSshKey(join(directory, `key-${id}`), { comment: id });
    keys.push({ id, key: (await readFile(publicKey, 'utf8')).trim(), ...principal });
  }
  await writeFile(join(directory, 'ssh-keys.yaml'), JSON.stringify({ keys }));
}
