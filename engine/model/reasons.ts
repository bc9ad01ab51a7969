// The closed list of reason codes. Each is documented in docs/reference/reasons.md.

export const reasonCodes = {
  'rule-allow': 'a rule of the policy allows the statement',
  'rule-deny': 'a rule of the policy denies the statement',
  'rule-approve': 'a rule of the policy asks for approval first',
  'no-rule-allows': 'no rule allows the statement, and what is not allowed is denied',
  'policy-error': 'the policy could not be evaluated or answered nonsense',
  'no-policy': 'no policy is loaded',
  'approval-denied': 'an approver said no',
  'approval-timeout': 'no approver answered in time',
  'approval-cancelled': 'the client withdrew the statement while it was held',
  'record-failed': 'the statement could not be recorded',
  'statement-unparsable': 'the statement cannot be parsed, so it cannot be judged',
  'statement-too-large': 'the statement exceeds a size or depth limit',
  'statement-ambiguous': 'settings or bytes may make the target read another statement',
  'statement-unsupported': 'this kind of statement or message is not supported',
  'approval-pending': 'the request is held and nobody has answered yet',
  unauthenticated: 'the caller has not said who they are, or not in a way that is believed',
  'target-unknown': 'no target has the name that the caller addresses',
  'upstream-failed': 'the target cannot be reached or answers what cannot be passed on',
  'request-too-slow': 'the request did not come in time',
  'mask-unsupported': 'the result cannot be masked as the policy demands',
  'budget-spent': 'the statement would spend more than the policy grants',
  'budget-unsupported': 'the policy bounds what nobody can count here',
  'catalog-unavailable': 'the catalog of the target cannot be read, so origins are unknown',
} as const;

export type ReasonCode = keyof typeof reasonCodes;

export interface Reason {
  readonly code: ReasonCode;
  /** The rule's id: the package unless the rule names one, for example `rules.postgres.production`. */
  readonly rule?: string;
  /** One sentence for the caller. */
  readonly message: string;
  /** What the caller can do next. */
  readonly hint?: string;
}
