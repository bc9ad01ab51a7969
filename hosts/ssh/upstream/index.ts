// The way to the targets: who they must be, and as whom the gateway comes.

export type { CredentialFor, ForSession } from './credential.ts';
export type { HostVerdict, HostVerifier } from './host-trust.ts';
export { Targets, openTarget } from './targets.ts';
export type { Target } from './targets.ts';
