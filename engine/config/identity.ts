// `identity`: the ways in which callers prove who they are.

import { ConfigError } from '../model/index.ts';
import type { SecretSource } from '../secrets/index.ts';

/** What names the holder of a client certificate: the subject's common name, or an alternative name of one kind. */
export type CertificateName = 'cn' | 'san-dns' | 'san-email' | 'san-uri';

/** `typ` of a token (RFC 9068 §2.1, RFC 7519 §5.1); `jwt` takes tokens without one too. */
export type TokenType = 'at+jwt' | 'jwt';

export interface ClientCertificatesConfig {
  readonly ca: string;
  readonly id: CertificateName;
  readonly principals: string;
}

export interface LoginConfig {
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly scopes: readonly string[];
  readonly sessionHours: number;
}

/** For people whose client has no browser: they are shown an address and a code (RFC 8628). */
export interface DeviceConfig {
  readonly clientId: string;
  /** A client without one is public. */
  readonly clientSecret: SecretSource | undefined;
  readonly scopes: readonly string[];
  readonly sessionHours: number;
}

export interface OidcConfig {
  readonly issuer: string;
  readonly audience: string;
  /** Claim that names the principal. */
  readonly id: string;
  /** Claim that holds its groups. */
  readonly groups: string | undefined;
  readonly types: readonly TokenType[];
  readonly ca: string | undefined;
  readonly login: LoginConfig | undefined;
  readonly device: DeviceConfig | undefined;
}

/** Files, each followed while it changes. */
export interface SshIdentityConfig {
  readonly keys: string | undefined;
  readonly certificates: { readonly authorities: string; readonly principals: string } | undefined;
  readonly revoked: string | undefined;
}

export interface IdentityConfig {
  readonly tokens: string;
  readonly clientCertificates: ClientCertificatesConfig | undefined;
  readonly oidc: OidcConfig | undefined;
  readonly ssh: SshIdentityConfig | undefined;
}

/** As written. */
export interface IdentityFile {
  readonly tokens: string;
  readonly client_certificates?: ClientCertificatesConfig;
  readonly oidc?: {
    readonly issuer: string;
    readonly audience: string;
    readonly id?: string;
    readonly groups?: string;
    readonly types?: readonly TokenType[];
    readonly ca?: string;
    readonly login?: LoginFile;
    readonly device?: DeviceFile;
  };
  readonly ssh?: {
    readonly keys?: string;
    readonly certificates?: { readonly authorities: string; readonly principals: string };
    readonly revoked?: string;
  };
}

interface LoginFile {
  readonly client_id: string;
  readonly client_secret: SecretSource;
  readonly scopes?: readonly string[];
  readonly session_hours?: number;
}

interface DeviceFile {
  readonly client_id: string;
  readonly client_secret?: SecretSource;
  readonly scopes?: readonly string[];
  readonly session_hours?: number;
}

type Absolute = (relative: string) => string;

const sessionHours = 8;

/**
 * @param path of the file, for the message
 * @throws ConfigError `config-invalid`
 */
export function identityOf(path: string, file: IdentityFile, absolute: Absolute): IdentityConfig {
  const { tokens, client_certificates: certificates, oidc, ssh } = file;
  return {
    tokens: absolute(tokens),
    clientCertificates: certificates && {
      ca: absolute(certificates.ca),
      id: certificates.id,
      principals: absolute(certificates.principals),
    },
    oidc: oidc && oidcOf(`${path}: identity.oidc`, oidc, absolute),
    ssh: ssh && sshOf(ssh, absolute),
  };
}

function oidcOf(
  at: string,
  file: NonNullable<IdentityFile['oidc']>,
  absolute: Absolute,
): OidcConfig {
  const { issuer, audience, id = 'sub', groups, types = ['at+jwt'], ca } = file;
  const { login, device } = file;
  // OpenID Connect Discovery §3; over plain HTTP anybody on the way could name the keys.
  const url = URL.parse(issuer);
  if (url?.protocol !== 'https:' || /[?#]/.test(issuer) || url.username !== '') {
    throw new ConfigError('config-invalid', `${at}.issuer: must be an https URL without a query`);
  }
  return {
    ...{ issuer, audience, id, groups, types },
    ca: ca === undefined ? undefined : absolute(ca),
    login: login && loginOf(login, absolute),
    device: device && deviceOf(device, absolute),
  };
}

function loginOf(file: LoginFile, absolute: Absolute): LoginConfig {
  return {
    clientId: file.client_id,
    clientSecret: secretOf(file.client_secret, absolute),
    scopes: ['openid', ...(file.scopes ?? [])],
    sessionHours: file.session_hours ?? sessionHours,
  };
}

function deviceOf(file: DeviceFile, absolute: Absolute): DeviceConfig {
  const secret = file.client_secret;
  return {
    clientId: file.client_id,
    clientSecret: secret && secretOf(secret, absolute),
    scopes: ['openid', ...(file.scopes ?? [])],
    sessionHours: file.session_hours ?? sessionHours,
  };
}

const secretOf = (source: SecretSource, absolute: Absolute): SecretSource =>
  'file' in source ? { file: absolute(source.file) } : source;

function sshOf(file: NonNullable<IdentityFile['ssh']>, absolute: Absolute): SshIdentityConfig {
  const { keys, certificates, revoked } = file;
  return {
    keys: keys === undefined ? undefined : absolute(keys),
    certificates: certificates && {
      authorities: absolute(certificates.authorities),
      principals: absolute(certificates.principals),
    },
    revoked: revoked === undefined ? undefined : absolute(revoked),
  };
}
