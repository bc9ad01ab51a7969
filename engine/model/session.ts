// One authenticated downstream connection, as policies and recordings see it.

import type { SessionId } from './ids.ts';
import type { Principal } from './principal.ts';

export interface Target {
  /** Key under `targets` in the configuration. */
  readonly name: string;
  /** Facts that the operator attached, read by policies as `input.target.labels`. */
  readonly labels: Readonly<Record<string, string>>;
  /** What the host selects inside the target, for PostgreSQL the database. */
  readonly database?: string;
}

export interface Session {
  readonly id: SessionId;
  readonly host: string;
  readonly principal: Principal;
  readonly target: Target;
  /** Downstream IP address; IPv4 as such even on an IPv6 listener, so that CIDR rules hold. */
  readonly client: string;
  /** Downstream port. */
  readonly clientPort: number;
  /** What the client calls itself (unverified), for PostgreSQL `application_name`, for SSH its identification. */
  readonly application: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
}
