// Who is calling.

export { Authenticator } from './authenticator.ts';
export { createToken, hashToken, readTokens } from './tokens.ts';
export type { Authenticated, CredentialId, TokenTable } from './tokens.ts';
