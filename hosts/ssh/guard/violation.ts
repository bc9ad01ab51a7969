// Why a connection is cut: a closed list, each rule one thing that a peer did or failed to do.

export type ViolationRule =
  | 'algorithm-weak'
  | 'channel-unknown'
  | 'data-after-eof'
  | 'host-key-refused'
  | 'identification-invalid'
  | 'login-name-changed'
  | 'login-too-large'
  | 'login-too-many-tries'
  | 'login-too-slow'
  | 'message-out-of-order'
  | 'packet-malformed'
  | 'packet-too-large'
  | 'peer-idle'
  | 'peer-silent'
  | 'rekey-flood'
  | 'rekey-too-slow'
  | 'reply-unexpected'
  | 'requests-unanswered'
  | 'session-too-long'
  | 'transport-failed'
  | 'window-exceeded'
  | 'window-overflow'
  | 'write-stalled';

/** Ends the one connection that it is about. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: ViolationRule;

  constructor(rule: ViolationRule, message: string, fields: { readonly cause?: unknown } = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.rule = rule;
  }
}
