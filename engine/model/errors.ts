// Errors, one class a room of trouble, each with a literal code documented in docs/reference/errors.md.

interface ErrorFields {
  readonly hint?: string;
  readonly cause?: unknown;
}

abstract class SallyportError<Code extends string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;

  constructor(code: Code, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.hint = fields.hint;
  }
}

export type ProtocolErrorCode =
  | 'message-malformed'
  | 'message-too-large'
  | 'message-unexpected'
  | 'message-unknown'
  | 'protocol-unsupported';

/** A peer broke its protocol: the connection ends, nothing of the message is forwarded. */
export class ProtocolError extends SallyportError<ProtocolErrorCode> {
  override readonly name = 'ProtocolError';
}

export type PolicyErrorCode =
  'policy-compile' | 'policy-load' | 'policy-evaluate' | 'policy-result' | 'compiler-failed';

/** A bundle does not compile or load, or an evaluation gave no trustworthy answer. */
export class PolicyError extends SallyportError<PolicyErrorCode> {
  override readonly name = 'PolicyError';
}

export type ConfigErrorCode =
  'config-unreadable' | 'config-invalid' | 'secret-unreadable' | 'state-in-use';

/** The configuration is wrong; the message holds the exact path of the mistake. */
export class ConfigError extends SallyportError<ConfigErrorCode> {
  override readonly name = 'ConfigError';
}

export type UpstreamErrorCode =
  'upstream-unreachable' | 'upstream-untrusted' | 'upstream-refused' | 'upstream-broken';

/** The target cannot be reached, is not who it must be, or refuses the gateway. */
export class UpstreamError extends SallyportError<UpstreamErrorCode> {
  override readonly name = 'UpstreamError';
}
