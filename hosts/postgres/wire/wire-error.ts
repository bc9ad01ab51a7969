// The one failure of the codec: a peer broke PostgreSQL's protocol 3.0. Anything else thrown is a bug.

export type WireErrorCode =
  | 'message-malformed'
  | 'message-too-large'
  | 'message-unexpected'
  | 'message-unknown'
  | 'protocol-unsupported';

/** Messages hold names, lengths and limits, never the peer's text: they may be logged. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const malformed = (message: string): WireError =>
  new WireError('message-malformed', message);
