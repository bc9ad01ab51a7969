// What a credential gets to see of a request.

export type HeaderField = readonly [name: string, value: string];

/** A request as it will be sent, but for the credential. */
export interface UnsignedRequest {
  readonly method: string;
  readonly path: string;
  /** What follows the question mark; empty when there is none. */
  readonly query: string;
  /** Value of the Host field. */
  readonly authority: string;
  readonly fields: readonly HeaderField[];
  /** SHA-256 of the whole body, 64 hex digits. */
  readonly bodyHash?: string;
}
