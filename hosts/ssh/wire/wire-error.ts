// The one failure of the codec: bytes or a line that are not what their format says. Anything else thrown is a bug.

/** Messages hold names, lengths and limits, never the peer's text: they may be logged. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code = 'message-malformed';
}

export const malformed = (message: string): WireError => new WireError(message);
