// Logins by key and by certificate (RFC 4252 §7, OpenSSH PROTOCOL.certkeys): what was signed is verified first, so that
// known and unknown keys take the same time; then the engine says whom they stand for.

import type { Authenticated } from '#engine';
import type { SshCertificate } from '#engine/identity';

import type { LoginAttempt } from '../guard/index.ts';
import type { Certificate, LoginAlgorithm, PublicKey } from '../wire/index.ts';
import {
  WireError,
  certificateTypeOf,
  decodeCertificate,
  decodePublicKey,
  decodeSignature,
  decodeSignedRequest,
  endOf,
  fingerprintOf,
  loginAlgorithms,
  typeOf,
  verifySignature,
} from '../wire/index.ts';
import type { Known, LoginProof, Permit } from './caller.ts';
import { allPermits } from './caller.ts';

/** Why a login was refused, for the operator's log: callers learn none of it. */
export type LoginRule =
  | 'algorithm-unknown'
  | 'key-malformed'
  | 'key-unknown'
  | 'signature-malformed'
  | 'signature-bad'
  | 'signature-untouched'
  | 'signature-unrecognised'
  | 'signature-of-another-login'
  | 'certificate-of-a-host'
  | 'certificate-force-command'
  | 'certificate-unknown'
  | 'name-changed'
  | 'token-unknown'
  | 'dialog-unavailable'
  | 'dialog-given-up'
  | 'device-refused';

export type Judged =
  | { readonly kind: 'known'; readonly known: Known }
  | { readonly kind: 'refused'; readonly rule: LoginRule };

export interface KeyHolders {
  readonly bySshKey: (fingerprint: string, client: string) => Authenticated | undefined;
  readonly bySshCertificate: (
    certificate: SshCertificate,
    client: string,
  ) => Authenticated | undefined;
}

type KeyProof = Extract<LoginAttempt, { readonly kind: 'key' }>;
export type KeyAttempt = KeyProof | Extract<LoginAttempt, { readonly kind: 'key-query' }>;

type Presented =
  | { readonly kind: 'key'; readonly key: PublicKey; readonly fingerprint: string }
  | { readonly kind: 'certificate'; readonly key: PublicKey; readonly certificate: Certificate };

/** @param client IP address from which the caller comes */
export function judgeKey(attempt: KeyAttempt, holders: KeyHolders, client: string): Judged {
  const algorithm = loginAlgorithms.get(attempt.algorithm);
  if (algorithm === undefined) return refused('algorithm-unknown');
  const presented = readPresented(attempt.publicKey, algorithm);
  if (presented === undefined) return refused('key-malformed');
  const flaw = attempt.kind === 'key' ? flawOf(attempt, algorithm, presented) : undefined;
  if (flaw !== undefined) return refused(flaw);
  return presented.kind === 'key'
    ? holderOfKey(presented, holders, client)
    : holderOfCertificate(presented.certificate, holders, client);
}

const refused = (rule: LoginRule): Judged => ({ kind: 'refused', rule });

function readPresented(blob: Buffer, algorithm: LoginAlgorithm): Presented | undefined {
  const presented = unlessMalformed((): Presented => {
    if (!algorithm.certified) {
      return { kind: 'key', key: decodePublicKey(blob), fingerprint: fingerprintOf(blob) };
    }
    const certificate = decodeCertificate(blob);
    return { kind: 'certificate', key: certificate.key, certificate };
  });
  if (presented === undefined) return undefined;
  const plain = typeOf(presented.key);
  const type = presented.kind === 'key' ? plain : certificateTypeOf(plain);
  return type === algorithm.type ? presented : undefined;
}

function flawOf(
  { username, algorithm, publicKey, signature: bytes, signed }: KeyProof,
  { signature: wanted }: LoginAlgorithm,
  presented: Presented,
): LoginRule | undefined {
  const request = unlessMalformed(() => decodeSignedRequest(signed));
  const isThisLogin =
    request?.user === username &&
    request.service === 'ssh-connection' &&
    request.algorithm === algorithm &&
    request.key.equals(publicKey);
  if (!isThisLogin) return 'signature-of-another-login';
  const signature = unlessMalformed(() => decodeSignature(bytes));
  if (signature?.algorithm !== wanted) return 'signature-malformed';
  const mustRecognise =
    presented.kind === 'certificate' && presented.certificate.options.verifyRequired;
  const result = verifySignature(presented.key, signature, { message: signed, mustRecognise });
  return result === 'good' ? undefined : `signature-${result}`;
}

function holderOfKey(
  { key, fingerprint }: Presented & { readonly kind: 'key' },
  holders: KeyHolders,
  client: string,
): Judged {
  const authenticated = holders.bySshKey(fingerprint, client);
  if (authenticated === undefined) return refused('key-unknown');
  const proof: LoginProof = { kind: 'key', type: typeOf(key), fingerprint };
  return { kind: 'known', known: { authenticated, proof, permits: allPermits } };
}

function holderOfCertificate(
  certificate: Certificate,
  holders: KeyHolders,
  client: string,
): Judged {
  if (certificate.holder !== 'user') return refused('certificate-of-a-host');
  // The gateway judges commands, which a fixed one would bypass or be bypassed by.
  if (certificate.options.forceCommand !== undefined) return refused('certificate-force-command');
  const authenticated = holders.bySshCertificate(factsOf(certificate), client);
  if (authenticated === undefined) return refused('certificate-unknown');
  const { keyFingerprint, authorityFingerprint, serial, keyId, key } = certificate;
  const proof: LoginProof = {
    kind: 'certificate',
    type: typeOf(key),
    fingerprint: keyFingerprint,
    authority: authorityFingerprint,
    serial,
    keyId,
  };
  return { kind: 'known', known: { authenticated, proof, permits: permitsOf(certificate) } };
}

function factsOf(certificate: Certificate): SshCertificate {
  const { fingerprint, keyFingerprint, authorityFingerprint, serial, keyId } = certificate;
  return {
    ...{ fingerprint, keyFingerprint, authorityFingerprint, serial, keyId },
    principals: certificate.principals,
    validAfter: Number(certificate.validAfter) * 1000,
    validBefore: endOf(certificate),
    networks: certificate.options.sourceAddress,
  };
}

const permitNames: readonly (readonly [string, Permit])[] = [
  ['permit-pty', 'pty'],
  ['permit-port-forwarding', 'port-forwarding'],
  ['permit-agent-forwarding', 'agent-forwarding'],
  ['permit-X11-forwarding', 'x11-forwarding'],
];

function permitsOf({ options }: Certificate): ReadonlySet<Permit> {
  const granted = permitNames.filter(([extension]) => options.extensions.includes(extension));
  return new Set(granted.map(([, permit]) => permit));
}

function unlessMalformed<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
