// Who has logged in, and how.

import type { Authenticated } from '#engine';

import type { LoginName } from '../wire/index.ts';

/** What an OpenSSH certificate may withhold; other ways to log in withhold nothing. */
export type Permit = 'pty' | 'port-forwarding' | 'agent-forwarding' | 'x11-forwarding';

export const allPermits: ReadonlySet<Permit> = new Set([
  ...(['pty', 'port-forwarding', 'agent-forwarding', 'x11-forwarding'] as const),
]);

export type LoginProof =
  | { readonly kind: 'key'; readonly type: string; readonly fingerprint: string }
  | {
      readonly kind: 'certificate';
      readonly type: string;
      /** Of the certified key. */
      readonly fingerprint: string;
      readonly authority: string;
      readonly serial: bigint;
      readonly keyId: string;
    }
  | { readonly kind: 'token' | 'device' };

export interface Known {
  readonly authenticated: Authenticated;
  readonly proof: LoginProof;
  readonly permits: ReadonlySet<Permit>;
}

export interface Caller extends Known {
  /** `undefined` when the user name says no target: who is known may be told so. */
  readonly name: LoginName | undefined;
}
