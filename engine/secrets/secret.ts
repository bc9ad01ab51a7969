// A secret that cannot be printed by accident, and where it is read from.

import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';

import { ConfigError } from '../model/index.ts';

const placeholder = '[secret]';

/** Holds a value that only `reveal()` gives back; logs, JSON and inspection show a placeholder. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return placeholder;
  }

  toJSON(): string {
    return placeholder;
  }

  [inspect.custom](): string {
    return placeholder;
  }
}

/** Where the configuration says a secret is: a file (one trailing newline is dropped) or a variable. */
export type SecretSource = { readonly file: string } | { readonly env: string };

/** @throws ConfigError `secret-unreadable` when the file or variable is missing or empty. */
export function readSecret(source: SecretSource): Secret {
  const value = 'file' in source ? readSecretFile(source.file) : (process.env[source.env] ?? '');
  if (value !== '') return new Secret(value);
  const where = 'file' in source ? `file ${source.file}` : `environment variable ${source.env}`;
  throw new ConfigError('secret-unreadable', `the secret in ${where} is missing or empty`);
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new ConfigError('secret-unreadable', `the secret file ${path} cannot be read`, { cause });
  }
}
