// The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS: RFC 5802, RFC 7677, tls-server-end-point of RFC 5929.
// Pure steps: a server that skips one, weakens one, or does not know the password is refused.

import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';
import { malformed, WireError } from './wire-error.ts';

export const scramMechanisms = {
  plain: 'SCRAM-SHA-256',
  channelBound: 'SCRAM-SHA-256-PLUS',
} as const;

/** RFC 7677 §4 asks for 4096 at least: fewer make what is sent here cheap to crack. */
export const iterationsMin = 4096;
/** A million cost about half a second of a core: a hostile server must not ask for more. */
export const iterationsMax = 1_000_000;
/** Far more than any server sends: a nonce, a salt, a number. */
const payloadBytesMax = 4096;

export interface ScramOptions {
  /** Bytes of a certificate's hash for tls-server-end-point; undefined without channel binding. */
  readonly certificateHash?: Buffer;
  /** The server offered no -PLUS although the client could: says `y`, so that a stripped offer is noticed. */
  readonly serverLacksBinding?: boolean;
  /** PostgreSQL takes the user from the startup message and ignores this one; libpq sends it empty. */
  readonly user?: string;
}

export interface ScramFirst {
  readonly message: Buffer;
  readonly nonce: string;
  readonly bare: string;
  readonly gs2Header: string;
  readonly certificateHash: Buffer | undefined;
}

export interface ScramFinal {
  readonly message: Buffer;
  /** What only a server that knows the password can answer. */
  readonly serverSignature: Buffer;
}

const nonceText = /^[\x21-\x2b\x2d-\x7e]+$/;

/** `nonce` is printable ASCII without a comma, of at least 18 random bytes' worth. */
export const scramClientFirst = (nonce: string, options: ScramOptions = {}): ScramFirst => {
  const { certificateHash } = options;
  const flag = options.serverLacksBinding === true ? 'y' : 'n';
  const gs2Header = certificateHash === undefined ? `${flag},,` : 'p=tls-server-end-point,,';
  const user = (options.user ?? '').replaceAll('=', '=3D').replaceAll(',', '=2C');
  const bare = `n=${user},r=${nonce}`;
  return { message: Buffer.from(gs2Header + bare), nonce, bare, gs2Header, certificateHash };
};

const serverFirstText =
  /^r=([^,]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,8})((?:,[A-Za-z]=[^,]+)*)$/;

interface ServerFirst {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/** Throws WireError on anything that RFC 5802 §7 does not say, mandatory extensions (`m=`) included. */
export const decodeScramServerFirst = (payload: Buffer): ServerFirst => {
  if (payload.length > payloadBytesMax) throw malformed('SCRAM server-first message');
  const [, nonce = '', salt = '', iterations = ''] =
    serverFirstText.exec(payload.toString('latin1')) ?? [];
  if (!nonceText.test(nonce)) throw malformed('SCRAM server-first message');
  const count = Number(iterations);
  if (count < iterationsMin || count > iterationsMax) {
    throw malformed(`SCRAM iteration count ${count}`);
  }
  const saltBytes = Buffer.from(salt, 'base64');
  if (saltBytes.toString('base64') !== salt) {
    throw malformed('SCRAM salt');
  }
  return { nonce, salt: saltBytes, iterations: count };
};

const deriveKey = promisify(pbkdf2);

const hmac = (key: Buffer, message: string | Buffer): Buffer =>
  createHmac('sha256', key).update(message).digest();

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** ASCII, and what SASLprep prohibits, is taken as it is, as libpq and the server do. */
const preparePassword = (password: string): string => {
  if (isAscii(password)) return password;
  try {
    return saslprep(password);
  } catch {
    return password;
  }
};

/** Answers the server-first message with the proof. */
export const scramClientFinal = async (
  first: ScramFirst,
  serverFirst: Buffer,
  password: string,
): Promise<ScramFinal> => {
  const { nonce, salt, iterations } = decodeScramServerFirst(serverFirst);
  // A replayed server message carries another client's nonce.
  if (!nonce.startsWith(first.nonce) || nonce.length === first.nonce.length) {
    throw malformed('SCRAM server nonce does not extend ours');
  }
  const prepared = preparePassword(password);
  const salted = await deriveKey(prepared, salt, iterations, 32, 'sha256');
  const binding = Buffer.concat([
    Buffer.from(first.gs2Header),
    first.certificateHash ?? Buffer.alloc(0),
  ]);
  const withoutProof = `c=${binding.toString('base64')},r=${nonce}`;
  const authMessage = Buffer.concat([
    Buffer.from(`${first.bare},`),
    serverFirst,
    Buffer.from(`,${withoutProof}`),
  ]);
  const clientKey = hmac(salted, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest();
  const signature = hmac(storedKey, authMessage);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  return {
    message: Buffer.from(`${withoutProof},p=${proof.toString('base64')}`),
    serverSignature: hmac(hmac(salted, 'Server Key'), authMessage),
  };
};

/** Throws WireError unless the server-final message proves that the server knows the password. */
export const verifyScramServerFinal = (final: ScramFinal, payload: Buffer): void => {
  const text = payload.toString('latin1', 0, payloadBytesMax);
  if (text.startsWith('e=')) {
    throw new WireError('message-unexpected', 'the server refused the SCRAM exchange');
  }
  const [, encoded = ''] = /^v=([A-Za-z0-9+/]{43}=)(?:,.*)?$/s.exec(text) ?? [];
  const signature = Buffer.from(encoded, 'base64');
  if (signature.length !== final.serverSignature.length)
    throw malformed('SCRAM server-final message');
  if (!timingSafeEqual(signature, final.serverSignature)) {
    throw malformed('SCRAM server signature is wrong: the server does not know the password');
  }
};
