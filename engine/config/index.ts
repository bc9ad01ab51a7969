// The configuration file.

export { httpCredential } from './http-credential.ts';
export type { HttpCredentialConfig, HttpCredentialFile } from './http-credential.ts';
export type {
  CertificateName,
  ClientCertificatesConfig,
  IdentityConfig,
  LoginConfig,
  OidcConfig,
  TokenType,
} from './identity.ts';
export { loadConfig } from './load.ts';
export type { Config, TlsConfig } from './load.ts';
export type {
  HttpEndpoint,
  HttpTargetConfig,
  PostgresTargetConfig,
  TargetConfig,
  TargetTls,
} from './targets.ts';
export { validatorOf } from './validate.ts';
