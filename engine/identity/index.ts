// Who is calling.

export { Authenticator } from './authenticator.ts';
export { createToken, hashToken } from './tokens.ts';
export type { Authenticated, CredentialId } from './tokens.ts';
