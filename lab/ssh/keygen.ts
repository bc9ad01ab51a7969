// Keys and certificates as OpenSSH's own ssh-keygen makes them.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { requiredProgram } from '../find-program.ts';

const run = promisify(execFile);

export type SshKeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshKeyFiles {
  /** OpenSSH private key without a passphrase, mode 0600. */
  readonly key: string;
  /** One line: type, base64, comment. */
  readonly publicKey: string;
}

/** `keygen` with the arguments of ssh-keygen(1); throws with its own words. */
export async function sshKeygen(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(requiredProgram('ssh-keygen', 'openssh-client'), [...args]);
  return stdout;
}

export interface NewSshKey {
  readonly type?: SshKeyType;
  /** Of RSA the modulus, of ECDSA the curve. */
  readonly bits?: number;
  readonly comment?: string;
  readonly passphrase?: string;
}

/** @param file where the private key goes; the public one gets `.pub` behind it */
export async function createSshKey(file: string, options: NewSshKey = {}): Promise<SshKeyFiles> {
  const { type = 'ed25519', bits, comment = 'lab', passphrase = '' } = options;
  const size = bits === undefined ? [] : ['-b', String(bits)];
  await sshKeygen('-q', '-t', type, ...size, '-N', passphrase, '-C', comment, '-f', file);
  return { key: file, publicKey: `${file}.pub` };
}

export interface NewSshCertificate {
  readonly authority: SshKeyFiles;
  readonly publicKey: string;
  readonly principals: readonly string[];
  readonly host?: boolean;
  readonly id?: string;
  readonly serial?: number;
  /** As `-V` takes it, for example `-1m:+5m`. */
  readonly validity?: string;
  /** As `-O` takes them, for example `source-address=10.0.0.0/8`. */
  readonly options?: readonly string[];
}

/** Answers the certificate's file: the public key's, with `-cert` before `.pub`. */
export async function signSshCertificate(certificate: NewSshCertificate): Promise<string> {
  const { authority, publicKey, principals, validity = '-1m:+1h' } = certificate;
  const { host = false, id = 'lab', serial = 1, options = [] } = certificate;
  const names = principals.length === 0 ? [] : ['-n', principals.join(',')];
  await sshKeygen(
    ...['-q', '-s', authority.key, '-I', id, '-z', String(serial), '-V', validity],
    ...(host ? ['-h'] : []),
    ...names,
    ...options.flatMap((option) => ['-O', option]),
    publicKey,
  );
  return publicKey.replace(/\.pub$/, '-cert.pub');
}
