// Holds: statements that wait for a human's yes.

export { ApprovalDesk } from './desk.ts';
export type { AnswerResult, OpenHold } from './desk.ts';
export type { Answer, HeldStatement, HoldOutcome, HoldRequest } from './hold.ts';
