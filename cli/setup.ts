// What a configuration refers to besides policies: tokens, certificates, secrets. Read, never used.

import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import type { Config, HttpCredentialConfig, TargetConfig } from '#engine';
import { ConfigError, readSecret } from '#engine';
import type { SshCredentialConfig, SshIdentityConfig } from '#engine/config';
import { readPrincipals, readRevoked, readTokens } from '#engine/identity';
import type { Finding } from './diagnostics.ts';

export interface SetupFindings {
  readonly mistakes: readonly Finding[];
  readonly warnings: readonly Finding[];
}

/** @param now milliseconds since the Unix epoch, for tokens that have ended. */
export function checkSetup(config: Config, now: number): SetupFindings {
  const targets = Array.from(config.targets.values());
  const mistakes = [
    ...identityChecks(config).flatMap((check) => mistakesOf(check)),
    ...mistakesOf(() => readKeyPair(config.tls)),
    ...targets.flatMap((target) => mistakesOf(() => readCredential(target))),
    ...targets.flatMap((target) => mistakesOf(() => readTargetAuthorities(target))),
  ];
  const warnings = [
    ...tokenWarnings(config, now),
    ...keyWarnings(config),
    ...plaintextWarnings(config, targets),
  ];
  return { mistakes, warnings };
}

/** A ConfigError names each mistake in a line of its own. */
export function mistakesOf(check: () => unknown): readonly Finding[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { code, hint } = error;
    return error.message.split('\n').map((message) => ({ code, message, file: '', line: 0, hint }));
  }
}

interface KeyPairFiles {
  readonly certificate: string;
  readonly key: string;
}

function readKeyPair(files: KeyPairFiles): void {
  const cert = readPem(files.certificate);
  const key = readPem(files.key);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new ConfigError('config-invalid', `${files.certificate}: is no pair with ${files.key}`, {
      hint: 'the first is a PEM certificate chain, the second its PEM private key',
      cause,
    });
  }
}

function readCredential(target: TargetConfig): void {
  switch (target.kind) {
    case 'postgres':
      readSecret(target.credential.password);
      return;
    case 'http':
      readHttpCredential(target.credential);
      return;
    case 'ssh':
      // With its key and the server's, in ssh-setup.ts.
      return;
  }
}

function readHttpCredential(credential: HttpCredentialConfig): void {
  switch (credential.kind) {
    case 'none':
      return;
    case 'bearer':
      readSecret(credential.token);
      return;
    case 'basic':
      readSecret(credential.password);
      return;
    case 'header':
      readSecret(credential.value);
      return;
    case 'client-certificate':
      readKeyPair(credential);
      return;
    case 'aws':
      readSecret(credential.accessKey);
      readSecret(credential.secretKey);
  }
}

function identityChecks({ identity }: Config): readonly (() => unknown)[] {
  const { tokens, clientCertificates, oidc, ssh } = identity;
  const certificates = clientCertificates && [
    () => readAuthorities(clientCertificates.ca),
    () => readPrincipals(clientCertificates.principals),
  ];
  const ca = oidc?.ca;
  const secrets = [oidc?.login?.clientSecret, oidc?.device?.clientSecret];
  return [
    () => readTokens(tokens),
    ...(certificates ?? []),
    ...(ca === undefined ? [] : [() => readAuthorities(ca)]),
    ...secrets.flatMap((secret) => (secret === undefined ? [] : [() => readSecret(secret)])),
    ...(ssh === undefined ? [] : sshChecks(ssh)),
  ];
}

/** What lists keys is checked in ssh-setup.ts, where it is known which are accepted. */
function sshChecks({ certificates, revoked }: SshIdentityConfig): readonly (() => unknown)[] {
  return [
    ...(certificates === undefined ? [] : [() => readPrincipals(certificates.principals)]),
    ...(revoked === undefined ? [] : [() => readRevoked(revoked)]),
  ];
}

function readTargetAuthorities(target: TargetConfig): void {
  if (target.kind === 'ssh') return;
  const { tls } = target;
  if (tls.kind === 'verified' && tls.ca !== undefined) readAuthorities(tls.ca);
}

function readAuthorities(file: string): void {
  const ca = readPem(file);
  try {
    // A secure context takes anything for authorities, and then trusts none.
    new X509Certificate(ca);
  } catch (cause) {
    throw new ConfigError('config-invalid', `${file}: holds no PEM certificates`, { cause });
  }
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
}

function tokenWarnings({ identity }: Config, now: number): readonly Finding[] {
  try {
    return Array.from(readTokens(identity.tokens).values())
      .filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now)
      .map(({ principal }) =>
        warning('token-expired', identity.tokens, `the token of ${principal.id} has expired`),
      );
  } catch {
    // That it cannot be read is among the mistakes.
    return [];
  }
}

function keyWarnings({ tls, ssh, targets }: Config): readonly Finding[] {
  const credentials = Array.from(targets.values()).flatMap((target) =>
    target.kind === 'ssh' ? privateKeyFile(target.credential) : [],
  );
  return [tls.key, ...ssh.hostKeys, ...credentials].filter(isReadable).map((file) => ({
    ...warning('key-readable', file, 'other users of this machine can read the private key'),
    hint: `chmod 600 ${file}`,
  }));
}

function privateKeyFile(credential: SshCredentialConfig): readonly string[] {
  const source = 'key' in credential ? credential.key : undefined;
  const signer = 'authority' in credential ? credential.authority : source;
  return signer !== undefined && 'file' in signer ? [signer.file] : [];
}

const isReadable = (file: string): boolean =>
  ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0;

function plaintextWarnings(
  { file, tls }: Config,
  targets: readonly TargetConfig[],
): readonly Finding[] {
  const clients = tls.insecureAllowPlaintext
    ? ['tls.insecure_allow_plaintext: tokens and data cross the network in the clear']
    : [];
  const servers = targets
    .filter((target) => target.kind !== 'ssh' && target.tls.kind === 'insecure-plaintext')
    .map((target) => `targets.${target.name}.tls.insecure_plaintext: the server is not verified`);
  return [...clients, ...servers].map((message) => warning('insecure', file, message));
}

function warning(code: string, file: string, message: string): Finding {
  return { code, message, file, line: 0 };
}
