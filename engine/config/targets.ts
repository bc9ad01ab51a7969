// `targets:` of sallyport.yaml: the protected servers, one protocol each.

import { ConfigError } from '../model/index.ts';
import type { SecretSource } from '../secrets/index.ts';
import type { HttpCredentialConfig, HttpCredentialFile } from './http-credential.ts';
import { httpCredential } from './http-credential.ts';
import type { SshTargetConfig, SshTargetFile } from './ssh-target.ts';
import { sshTarget } from './ssh-target.ts';

export type TargetTls =
  | { readonly kind: 'verified'; readonly ca: string | undefined; readonly servername: string }
  | { readonly kind: 'insecure-plaintext' };

interface CommonTarget {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: TargetTls;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PostgresTargetConfig extends CommonTarget {
  readonly kind: 'postgres';
  readonly database: string;
  readonly credential: { readonly user: string; readonly password: SecretSource };
  /** Serve the target although the gateway's role there may do what no policy can bound. */
  readonly insecurePrivilegedRole: boolean;
}

export interface HttpTargetConfig extends CommonTarget {
  readonly kind: 'http';
  /** Lower-case names by which callers address it, besides any whose first label is its name. */
  readonly hosts: readonly string[];
  readonly credential: HttpCredentialConfig;
  /** An encoded slash inside a segment of a path is passed on: npm and some object stores need it. */
  readonly encodedSlash: boolean;
  /** The server speaks HTTP/2; gRPC needs it. */
  readonly http2: boolean;
  /** Paths whose bodies are read as what they are, an operation or call at a time. */
  readonly endpoints: ReadonlyMap<string, HttpEndpoint>;
}

export type HttpEndpoint = 'graphql' | 'json-rpc' | 'mcp';
export type TargetConfig = PostgresTargetConfig | HttpTargetConfig | SshTargetConfig;

interface TlsFile {
  readonly ca?: string;
  readonly servername?: string;
  readonly insecure_plaintext?: boolean;
}

interface CommonFile {
  readonly tls?: TlsFile;
  readonly labels?: Readonly<Record<string, string>>;
}

interface PostgresTargetFile extends CommonFile {
  readonly postgres: string;
  readonly credential: { readonly user: string; readonly password: SecretSource };
  readonly insecure_privileged_role?: boolean;
}

interface HttpTargetFile extends CommonFile {
  readonly http: string;
  readonly hosts?: readonly string[];
  readonly credential?: HttpCredentialFile;
  readonly encoded_slash?: boolean;
  readonly http2?: boolean;
  readonly graphql?: readonly string[];
  readonly json_rpc?: readonly string[];
  readonly mcp?: readonly string[];
}

export type TargetFile = PostgresTargetFile | HttpTargetFile | SshTargetFile;

/** Where a target stands in the file, for messages, and how its relative paths become absolute. */
export interface TargetPlace {
  readonly at: string;
  readonly name: string;
  readonly absolute: (relative: string) => string;
}

/** @throws ConfigError `config-invalid` for what the schema cannot see. */
export function targetOf(place: TargetPlace, file: TargetFile): TargetConfig {
  if ('ssh' in file) return sshTarget(place, file);
  return 'http' in file ? httpTarget(place, file) : postgresTarget(place, file);
}

function postgresTarget(place: TargetPlace, file: PostgresTargetFile): PostgresTargetConfig {
  const { at, name, absolute } = place;
  const slash = file.postgres.lastIndexOf('/');
  const address = file.postgres.slice(0, slash);
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  if (port < 1 || port > 65535) {
    throw new ConfigError('config-invalid', `${at}.postgres: port must be 1 to 65535`);
  }
  return {
    kind: 'postgres',
    name,
    host,
    port,
    database: file.postgres.slice(slash + 1),
    tls: targetTls(place, host, file.tls ?? {}),
    credential: {
      user: file.credential.user,
      password: absoluteSecret(file.credential.password, absolute),
    },
    insecurePrivilegedRole: file.insecure_privileged_role ?? false,
    labels: file.labels ?? {},
  };
}

const defaultPorts: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 };

function httpTarget(place: TargetPlace, file: HttpTargetFile): HttpTargetConfig {
  const { at, name, absolute } = place;
  const url = originOf(at, file.http);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const plaintext = file.tls?.insecure_plaintext === true;
  if ((url.protocol === 'http:') !== plaintext) {
    throw new ConfigError(
      'config-invalid',
      `${at}.http: ${plaintext ? 'is https, which tls.insecure_plaintext excludes' : 'is not https'}`,
      { hint: 'http:// needs tls: {insecure_plaintext: true}' },
    );
  }
  return {
    kind: 'http',
    name,
    host,
    port: url.port === '' ? (defaultPorts[url.protocol] ?? 0) : Number(url.port),
    hosts: (file.hosts ?? []).map((each) => each.toLowerCase()),
    tls: targetTls(place, host, file.tls ?? {}),
    credential: httpCredential(`${at}.credential`, file.credential ?? 'none', absolute),
    labels: file.labels ?? {},
    encodedSlash: file.encoded_slash ?? false,
    http2: file.http2 ?? false,
    endpoints: endpointsOf(at, file),
  };
}

function originOf(at: string, text: string): URL {
  const url = URL.parse(text);
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url !== null && isHttp && `${url.origin}/` === url.href) return url;
  throw new ConfigError('config-invalid', `${at}.http: must be like https://name:port`, {
    hint: 'paths, users and queries come from callers and credentials, never from here',
  });
}

function endpointsOf(at: string, file: HttpTargetFile): ReadonlyMap<string, HttpEndpoint> {
  const listed = [
    ...(file.graphql ?? []).map((path) => [path, 'graphql'] as const),
    ...(file.json_rpc ?? []).map((path) => [path, 'json-rpc'] as const),
    ...(file.mcp ?? []).map((path) => [path, 'mcp'] as const),
  ];
  const endpoints = new Map<string, HttpEndpoint>(listed);
  if (endpoints.size === listed.length) return endpoints;
  throw new ConfigError('config-invalid', `${at}: a path is listed twice as an endpoint`);
}

const absoluteSecret = (source: SecretSource, absolute: TargetPlace['absolute']): SecretSource =>
  'file' in source ? { file: absolute(source.file) } : source;

function targetTls({ at, absolute }: TargetPlace, host: string, tls: TlsFile): TargetTls {
  if (tls.insecure_plaintext !== true) {
    const ca = tls.ca === undefined ? undefined : absolute(tls.ca);
    return { kind: 'verified', ca, servername: tls.servername ?? host };
  }
  if (tls.ca !== undefined || tls.servername !== undefined) {
    throw new ConfigError(
      'config-invalid',
      `${at}.tls: insecure_plaintext excludes the other keys`,
    );
  }
  return { kind: 'insecure-plaintext' };
}
