// By which keys callers know the gateway: those of the configuration, or one that it makes for itself.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import ssh2 from 'ssh2';

import type { Config } from '#engine';
import { ConfigError } from '#engine';

import type { HostKeys } from './guard/index.ts';
import { hostKeysOf } from './guard/index.ts';

const ownKey = 'ssh_host_ed25519_key';

/** @throws ConfigError when a file cannot be read or holds no private key. */
export function readHostKeys({ ssh, state }: Pick<Config, 'ssh' | 'state'>): HostKeys {
  const files = ssh.hostKeys.length > 0 ? ssh.hostKeys : [ownKeyIn(state)];
  return hostKeysOf(files.map(read));
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConfigError('config-unreadable', `ssh.host_keys: ${file} cannot be read`, { cause });
  }
}

/** The key stays the same over restarts, or callers would be warned of somebody in the middle. */
function ownKeyIn(state: string): string {
  const file = join(state, ownKey);
  const { private: text } = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'sallyport' });
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return file;
}
