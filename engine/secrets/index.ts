// Secrets: read once, printed never.

export { Secret, readSecret } from './secret.ts';
export type { SecretSource } from './secret.ts';
