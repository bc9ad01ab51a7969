// The configuration file.

export { loadConfig } from './load.ts';
export type { Config, PostgresTargetConfig, TlsConfig } from './load.ts';
export { validatorOf } from './validate.ts';
