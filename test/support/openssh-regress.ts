// OpenSSH's own regression tests (Debian's package openssh-tests) with the gateway between their client and a server.

import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort, requiredProgram } from '#lab';
import type { SshGateway } from './ssh-gateway.ts';
import { address, environmentIn, throughGateway } from './ssh-ways.ts';

const installed = '/usr/lib/openssh/regress';
/** Some sleep between many connections. */
const scriptMsMax = 240_000;

export interface RegressResult {
  readonly code: number;
  /** What it said, with its log where it failed. */
  readonly said: string;
}

/** Variables that the tests set and expect on the server. */
export const regressServerSettings = ['AcceptEnv _XXX_TEST_* _XXX_TEST'];

export class OpenSshRegress {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** In a copy of their directory, into which they write. */
  static async prepare(gateway: SshGateway): Promise<OpenSshRegress> {
    const directory = join(gateway.directory, 'regress');
    await cp(installed, directory, { recursive: true });
    await writeFile(join(directory, 'ssh'), await wrapper(gateway, directory), { mode: 0o755 });
    const sftp = `#!/bin/sh\nexec ${directory}/ssh -F none -s box sftp\n`;
    await writeFile(join(directory, 'sftp-server'), sftp, { mode: 0o755 });
    return new OpenSshRegress(directory);
  }

  /** @param name of a script, without its ending */
  async run(name: string): Promise<RegressResult> {
    const at = (file: string): string => join(this.#directory, file);
    const env = {
      ...environmentIn(this.#directory),
      ...{ OBJ: this.#directory, BUILDDIR: this.#directory, TEST_SHELL: 'sh' },
      ...{ TEST_SSH_SSH: at('ssh'), TEST_SSH_SFTPSERVER: at('sftp-server') },
      ...{ TEST_SSH_PORT: String(await freePort()), TEST_SSH_UNSAFE_PERMISSIONS: '1' },
      TEST_SSH_SSHD: requiredProgram('sshd', 'openssh-server'),
    };
    const args = [at('test-exec.sh'), this.#directory, at(`${name}.sh`)];
    const options = { env, cwd: this.#directory, timeout: scriptMsMax, maxBuffer: 64 << 20 };
    const result = await new Promise<RegressResult>((resolve) => {
      execFile('/bin/sh', args, options, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : 1, said: stdout + stderr });
      });
    });
    if (result.code === 0) return result;
    const log = await readFile(at('failed-ssh.log'), 'utf8').catch(() => '');
    return { ...result, said: result.said + log.slice(-4000) };
  }
}

/** Of options that are given twice ssh takes the first: wherever a test wants to go, it goes to the gateway. */
async function wrapper(gateway: SshGateway, directory: string): Promise<string> {
  const { user, port, key } = throughGateway(gateway);
  const known = join(directory, 'known_hosts-gateway');
  const hostKey = await readFile(join(gateway.directory, 'gateway-host-key.pub'), 'utf8');
  await writeFile(known, `the-gateway ${hostKey}`);
  const settings = [
    ...['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'ProxyCommand=none'],
    ...[`HostName=${address}`, `Port=${port}`, `User=${user}`, `IdentityFile=${key}`],
    ...['HostKeyAlias=the-gateway', `UserKnownHostsFile=${known}`, 'HostKeyAlgorithms=ssh-ed25519'],
  ];
  const options = settings.map((setting) => `-o ${setting}`).join(' ');
  return `#!/bin/sh\nexec ${requiredProgram('ssh', 'openssh-client')} ${options} "$@"\n`;
}
