// The configuration file.

export { loadConfig } from './load.ts';
export type { Config, TlsConfig } from './load.ts';
export type {
  HttpCredentialConfig,
  HttpEndpoint,
  HttpTargetConfig,
  PostgresTargetConfig,
  TargetConfig,
  TargetTls,
} from './targets.ts';
export { validatorOf } from './validate.ts';
