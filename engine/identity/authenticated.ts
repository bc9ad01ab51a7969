// What any way of proving who one is comes to.

import type { Principal } from '../model/index.ts';

/** Names one credential without revealing it, so that a live session can be matched to it. */
export type CredentialId = string;

export interface Authenticated {
  readonly principal: Principal;
  readonly credential: CredentialId;
  /** Milliseconds since the Unix epoch; the session ends then. */
  readonly expiresAt: number | undefined;
}
