// What a caller signs to log in with a key: the session's identifier and the request itself (RFC 4252 §7).

import { certificateTypeOf } from './certificate.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import type { SignatureAlgorithm } from './signature.ts';
import { signatureAlgorithms } from './signature.ts';
import { malformed } from './wire-error.ts';

export interface SignedRequest {
  readonly sessionId: Buffer;
  readonly user: string;
  readonly service: string;
  readonly algorithm: string;
  readonly key: Buffer;
}

const userauthRequest = 50;
const method = 'publickey';

/** @throws WireError */
export function decodeSignedRequest(bytes: Buffer): SignedRequest {
  const reader = new FieldReader(bytes);
  const sessionId = reader.string();
  if (reader.uint8() !== userauthRequest) throw malformed('signed message is no login');
  const [user, service] = [reader.text(), reader.text()];
  if (reader.text() !== method) throw malformed('signed login is by another method');
  if (!reader.boolean()) throw malformed('signed login says that it is not signed');
  const [algorithm, key] = [reader.text(), reader.string()];
  reader.finish();
  return { sessionId, user, service, algorithm, key };
}

export function encodeSignedRequest(request: SignedRequest): Buffer {
  return new FieldWriter()
    .string(request.sessionId)
    .uint8(userauthRequest)
    .string(request.user)
    .string(request.service)
    .string(method)
    .uint8(1)
    .string(request.algorithm)
    .string(request.key)
    .done();
}

/** What a name of an algorithm in a login stands for. */
export interface LoginAlgorithm {
  /** The first field of the key that goes with it. */
  readonly type: string;
  readonly signature: SignatureAlgorithm;
  readonly certified: boolean;
}

const certified = (name: string): string => {
  const type = name.startsWith('rsa-') ? 'ssh-rsa' : name;
  return certificateTypeOf(type as Parameters<typeof certificateTypeOf>[0]);
};

/** RFC 8332 §3: of RSA the algorithm is named in the login, never the type of the key. */
export const loginAlgorithms: ReadonlyMap<string, LoginAlgorithm> = new Map(
  signatureAlgorithms.flatMap((name): (readonly [string, LoginAlgorithm])[] => {
    const isRsa = name.startsWith('rsa-');
    const plain = { type: isRsa ? 'ssh-rsa' : name, signature: name, certified: false };
    const type = certified(name);
    const named = isRsa ? type.replace('ssh-rsa', name) : type;
    return [
      [name, plain],
      [named, { type, signature: name, certified: true }],
    ];
  }),
);
