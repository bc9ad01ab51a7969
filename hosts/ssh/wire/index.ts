// Formats of SSH: keys, certificates, signatures, names. Pure.

export {
  certificateTypeOf,
  decodeCertificate,
  decodeCertificateContent,
  encodeCertificateContent,
  endOf,
  forever,
  isValidAt,
  joinCertificate,
} from './certificate.ts';
export type { Certificate, CertificateContent } from './certificate.ts';
export { noOptions } from './certificate-options.ts';
export type { CertificateOptions } from './certificate-options.ts';
export { FieldReader } from './field-reader.ts';
export { FieldWriter } from './field-writer.ts';
export { readLogin } from './login-name.ts';
export type { LoginName } from './login-name.ts';
export { decodePublicKey, encodePublicKey, fingerprintOf, typeOf } from './public-key.ts';
export type { PublicKey } from './public-key.ts';
export {
  formatPublicKeyLine,
  isPublicKeyLine,
  readPublicKeyLine,
  readPublicKeyLines,
} from './public-key-line.ts';
export type { ListedKey } from './public-key-line.ts';
export { mintCertificate, signerOf } from './sign.ts';
export type { Signer } from './sign.ts';
export { decodeSignature, encodeSignature } from './signature.ts';
export type { Signature } from './signature.ts';
export { decodeSignedRequest, encodeSignedRequest, loginAlgorithms } from './signed-request.ts';
export type { LoginAlgorithm, SignedRequest } from './signed-request.ts';
export { verifySignature } from './verify.ts';
export { WireError } from './wire-error.ts';
