// Branded identifiers: strings that must not be swapped for one another.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type SessionId = Branded<'SessionId'>;
export type DecisionId = Branded<'DecisionId'>;
/** Content id of a loaded bundle, stamped on every decision: 16 hex digits of a SHA-256. */
export type Revision = Branded<'Revision'>;
export type ApprovalId = Branded<'ApprovalId'>;

export const sessionId = (text: string): SessionId => text as SessionId;
export const decisionId = (text: string): DecisionId => text as DecisionId;
export const revisionId = (text: string): Revision => text as Revision;
export const approvalId = (text: string): ApprovalId => text as ApprovalId;
