// The configuration file.

export { httpCredential } from './http-credential.ts';
export type { HttpCredentialConfig, HttpCredentialFile } from './http-credential.ts';
export type {
  CertificateName,
  ClientCertificatesConfig,
  DeviceConfig,
  IdentityConfig,
  LoginConfig,
  OidcConfig,
  SshIdentityConfig,
  TokenType,
} from './identity.ts';
export { loadConfig } from './load.ts';
export type { Config, SshConfig, TlsConfig } from './load.ts';
export type { SshCredentialConfig, SshHostTrust, SshTargetConfig } from './ssh-target.ts';
export type {
  HttpEndpoint,
  HttpTargetConfig,
  PostgresTargetConfig,
  TargetConfig,
  TargetTls,
} from './targets.ts';
export { validatorOf } from './validate.ts';
