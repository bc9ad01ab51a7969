// `targets.NAME.credential` of an HTTP target: what the gateway adds to requests, which callers never see.

import { ConfigError } from '../model/index.ts';
import type { SecretSource } from '../secrets/index.ts';

export type HttpCredentialConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: SecretSource }
  | { readonly kind: 'basic'; readonly user: string; readonly password: SecretSource }
  | { readonly kind: 'header'; readonly name: string; readonly value: SecretSource }
  | { readonly kind: 'client-certificate'; readonly certificate: string; readonly key: string }
  | {
      readonly kind: 'aws';
      readonly region: string;
      readonly service: string;
      readonly accessKey: SecretSource;
      readonly secretKey: SecretSource;
    };

/** As written; the schema holds that exactly one of the keys is there. */
export type HttpCredentialFile =
  | 'none'
  | { readonly bearer: SecretSource }
  | { readonly basic: { readonly user: string; readonly password: SecretSource } }
  | { readonly header: { readonly name: string; readonly value: SecretSource } }
  | { readonly client_certificate: { readonly certificate: string; readonly key: string } }
  | {
      readonly aws: {
        readonly region: string;
        readonly service: string;
        readonly access_key: SecretSource;
        readonly secret_key: SecretSource;
      };
    };

/** Fields that frame or route a request (RFC 9110 §7, RFC 9112 §6), or that the gateway sets for other reasons. */
const unusableNames =
  /^(connection|content-.*|cookie|expect|forwarded|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|via|(x-)?sallyport-.*)$/;

/**
 * @param at where in the file, for the message
 * @throws ConfigError `config-invalid`
 */
export function httpCredential(
  at: string,
  file: HttpCredentialFile,
  absolute: (relative: string) => string,
): HttpCredentialConfig {
  const secret = (source: SecretSource): SecretSource =>
    'file' in source ? { file: absolute(source.file) } : source;
  if (file === 'none') return { kind: 'none' };
  if ('bearer' in file) return { kind: 'bearer', token: secret(file.bearer) };
  if ('basic' in file) return basic(at, file.basic, secret);
  if ('header' in file) {
    const name = file.header.name.toLowerCase();
    if (unusableNames.test(name)) throw invalid(`${at}.header.name: ${name} has another meaning`);
    return { kind: 'header', name, value: secret(file.header.value) };
  }
  if ('client_certificate' in file) {
    const { certificate, key } = file.client_certificate;
    return { kind: 'client-certificate', certificate: absolute(certificate), key: absolute(key) };
  }
  const { region, service, access_key, secret_key } = file.aws;
  return {
    ...{ kind: 'aws', region, service },
    ...{ accessKey: secret(access_key), secretKey: secret(secret_key) },
  };
}

function basic(
  at: string,
  file: { readonly user: string; readonly password: SecretSource },
  secret: (source: SecretSource) => SecretSource,
): HttpCredentialConfig {
  // The colon is where the server splits (RFC 7617 §2): one in the name would move into the password.
  if (file.user.includes(':')) throw invalid(`${at}.basic.user: must not hold a colon`);
  return { kind: 'basic', user: file.user, password: secret(file.password) };
}

const invalid = (message: string): ConfigError => new ConfigError('config-invalid', message);
