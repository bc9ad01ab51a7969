// Who is calling.

export type { Authenticated, CredentialId } from './authenticated.ts';
export { Authenticator } from './authenticator.ts';
export { readPrincipals } from './certificates.ts';
export { principalOf } from './claims.ts';
export { IssuerFetch } from './issuer-fetch.ts';
export { tokenAlgorithms } from './issuer-tokens.ts';
export type { SshCertificate } from './ssh-identity.ts';
export { readFingerprints, readSshKeys } from './ssh-keys.ts';
export type { Fingerprint } from './ssh-keys.ts';
export { readRevoked } from './ssh-revoked.ts';
export { createToken, hashToken, readTokens } from './tokens.ts';
