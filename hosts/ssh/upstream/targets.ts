// The SSH targets of the configuration, with their secrets and keys read.

import type { Config, SshTargetConfig } from '#engine';

import type { CredentialFor } from './credential.ts';
import { openCredential } from './credential.ts';
import type { HostVerifier } from './host-trust.ts';
import { openHostTrust } from './host-trust.ts';

export interface Target {
  readonly config: SshTargetConfig;
  readonly host: HostVerifier;
  readonly credentialFor: CredentialFor;
  /** The account that was asked for, or the first; `undefined` when the target has no such account. */
  readonly accountOf: (user: string | undefined) => string | undefined;
}

export class Targets {
  readonly #targets: ReadonlyMap<string, Target>;

  /**
   * @param now milliseconds since the Unix epoch
   * @throws ConfigError when a secret or a file of keys is missing or wrong
   */
  constructor(config: Config, now: () => number) {
    const own = Array.from(config.targets.values()).filter((target) => target.kind === 'ssh');
    this.#targets = new Map(own.map((target) => [target.name, openTarget(target, now)]));
  }

  find(name: string): Target | undefined {
    return this.#targets.get(name);
  }
}

/** @throws ConfigError as above */
export function openTarget(config: SshTargetConfig, now: () => number): Target {
  const at = `targets.${config.name}`;
  const { users } = config.credential;
  const [first] = users;
  return {
    config,
    host: openHostTrust(
      `${at}.host_${config.trust.kind === 'keys' ? 'key' : 'authority'}`,
      config.trust,
      now,
    ),
    credentialFor: openCredential(`${at}.credential`, config.credential, now),
    accountOf: (user = first) => (users.includes(user) ? user : undefined),
  };
}
