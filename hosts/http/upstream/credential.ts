// What the gateway adds to requests for one target: Authorization (RFC 6750 §2.1, RFC 7617), another field, a client
// certificate, or a signature over the request.

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import type { SecretSource } from '#engine';
import { ConfigError, readSecret } from '#engine';
import type { HttpCredentialConfig } from '#engine/config';

import type { AwsKey } from './aws-signature.ts';
import { awsFields, signsWithoutBody } from './aws-signature.ts';
import type { HeaderField, UnsignedRequest } from './unsigned-request.ts';

export interface UpstreamCredential {
  /** What to present in the handshake, PEM. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  /** Lower-case names that are dropped from the caller's request, so that no target sees two of them. */
  readonly owns: ReadonlySet<string>;
  /** The body must be read whole before `sign`, which throws without its hash. */
  readonly needsBodyHash: boolean;
  /** The fields to add; `request` holds none that the credential owns. */
  readonly sign: (request: UnsignedRequest) => readonly HeaderField[];
}

/**
 * Reads the secrets, once.
 *
 * @param at where in the configuration, for the message
 * @param now milliseconds since the Unix epoch
 * @throws ConfigError `secret-unreadable`, `config-unreadable` or `config-invalid`
 */
export function openCredential(
  at: string,
  config: HttpCredentialConfig,
  now: () => number,
): UpstreamCredential {
  switch (config.kind) {
    case 'none':
      return constant([]);
    case 'bearer':
      return constant([['authorization', `Bearer ${fieldSecret(at, config.token)}`]]);
    case 'basic': {
      const pair = `${config.user}:${readSecret(config.password).reveal()}`;
      return constant([['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]]);
    }
    case 'header':
      return constant([[config.name, fieldSecret(at, config.value)]]);
    case 'client-certificate':
      return { ...constant([]), tls: readPair(at, config.certificate, config.key) };
    case 'aws':
      return aws(at, config, now);
  }
}

/** Callers' own Authorization was for the gateway: it never goes further. */
const alwaysOwned = ['authorization', 'proxy-authorization'] as const;

function constant(fields: readonly HeaderField[]): UpstreamCredential {
  return {
    tls: undefined,
    owns: new Set([...alwaysOwned, ...fields.map(([name]) => name)]),
    needsBodyHash: false,
    sign: () => fields,
  };
}

function aws(
  at: string,
  config: HttpCredentialConfig & { readonly kind: 'aws' },
  now: () => number,
): UpstreamCredential {
  const key: AwsKey = {
    ...{ region: config.region, service: config.service },
    accessKey: fieldSecret(at, config.accessKey),
    secretKey: readSecret(config.secretKey).reveal(),
  };
  return {
    tls: undefined,
    owns: new Set([
      ...alwaysOwned,
      ...['x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-amz-region-set'],
    ]),
    needsBodyHash: !signsWithoutBody(key),
    sign: (request) => awsFields(request, key, now()),
  };
}

/** A line break in a secret file would end the field and begin another (RFC 9110 §5.5). */
function fieldSecret(at: string, source: SecretSource): string {
  const value = readSecret(source).reveal();
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
  throw new ConfigError('config-invalid', `${at}: the secret cannot be the value of a field`, {
    hint: 'it must be one line of printable ASCII without blanks around it',
  });
}

function readPair(at: string, certificate: string, key: string): UpstreamCredential['tls'] {
  const pair = { certificate: readPem(certificate), key: readPem(key) };
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key });
  } catch (cause) {
    const message = `${at}.client_certificate: ${certificate} is no pair with ${key}`;
    throw new ConfigError('config-invalid', message, { cause });
  }
  return pair;
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
}
