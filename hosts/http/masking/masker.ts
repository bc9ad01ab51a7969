// What a masker is to the host, and what it gets when there is none.

/** Takes a body in chunks, in order; both throw MaskError as soon as the body is not what its type says. */
export interface BodyMasker {
  /** The chunk belongs to the masker, the answer to the caller; it may be empty while a value waits for its end. */
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** The body must not be sent. */
export interface Unmaskable {
  readonly kind: 'unmaskable';
  readonly message: string;
}
