// The one failure of a masker: the body is not what its type says, or cannot be accounted for. The response must be cut.

export type MaskErrorCode =
  | 'body-not-utf8'
  | 'json-malformed'
  | 'json-too-deep'
  | 'json-name-repeated'
  | 'json-name-too-long'
  | 'ndjson-malformed'
  | 'event-malformed'
  | 'csv-malformed'
  | 'record-too-large'
  | 'content-malformed'
  | 'content-too-large';

/** Messages hold positions, names of rules and limits, never text of the body: they may be logged. */
export class MaskError extends Error {
  override readonly name = 'MaskError';
  readonly code: MaskErrorCode;

  constructor(code: MaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
