// What a configuration says of SSH: keys of the gateway, and of targets. Read, never used.

import type { Config } from '#engine';
import { readFingerprints, readSshKeys } from '#engine/identity';
import type { Finding } from './diagnostics.ts';
import { mistakesOf } from './setup.ts';

/** The host's code is loaded only where something listens for it. */
export async function checkSshSetup(config: Config): Promise<readonly Finding[]> {
  if (config.listen.ssh === undefined) return [];
  const { isPublicKeyLine, openTarget, readHostKeys } = await import('#hosts/ssh');
  const { keys, certificates } = config.identity.ssh ?? {};
  const targets = Array.from(config.targets.values()).filter((target) => target.kind === 'ssh');
  return [
    ...(keys === undefined ? [] : mistakesOf(() => readSshKeys(keys, isPublicKeyLine))),
    ...(certificates === undefined
      ? []
      : mistakesOf(() => readFingerprints(certificates.authorities, isPublicKeyLine))),
    // One that is to be made is not made for a check.
    ...(config.ssh.hostKeys.length === 0 ? [] : mistakesOf(() => readHostKeys(config))),
    ...targets.flatMap((target) => mistakesOf(() => openTarget(target, Date.now))),
  ];
}
