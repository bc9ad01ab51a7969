// A request as it is sent to a target, whatever the version of HTTP.

import type { Readable } from 'node:stream';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer | Readable | null;
}
