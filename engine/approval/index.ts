// Holds: statements that wait for a human's yes.

export { ApprovalDesk } from './desk.ts';
export type { AnswerResult, OpenHold } from './desk.ts';
export { refuseAnswer } from './hold.ts';
export type { Answer, AnswerRefusal, HeldStatement, HoldOutcome, HoldRequest } from './hold.ts';
