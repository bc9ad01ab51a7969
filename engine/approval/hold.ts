// One hold as a value: who must say yes, who did, and what follows. Pure: no clock, no storage.

import type { ApprovalId, ApprovalRequirement, Principal } from '../model/index.ts';

/** What an approver needs to see to decide on exactly this statement. */
export interface HoldRequest {
  readonly requester: Principal;
  readonly session: string;
  readonly target: string;
  readonly statement: string;
  readonly requirements: readonly ApprovalRequirement[];
  readonly ttlSeconds: number;
}

export interface Answer {
  readonly approver: string;
  readonly groups: readonly string[];
  readonly approve: boolean;
  readonly note: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

export interface HeldStatement extends HoldRequest {
  readonly id: ApprovalId;
  readonly openedAt: number;
  readonly expiresAt: number;
  readonly answers: readonly Answer[];
}

export type HoldOutcome =
  | { readonly kind: 'approved'; readonly answers: readonly Answer[] }
  | { readonly kind: 'denied'; readonly by: string; readonly note: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'cancelled' };

export type AnswerRefusal = 'own-request' | 'not-an-approver' | 'answered-already';

/** Why this person may not answer this hold, or `undefined` if they may. */
export function refuseAnswer(held: HeldStatement, approver: Principal): AnswerRefusal | undefined {
  if (approver.id === held.requester.id) return 'own-request';
  if (held.answers.some((answer) => answer.approver === approver.id)) return 'answered-already';
  const concerned = held.requirements.some((requirement) => shares(requirement, approver.groups));
  return concerned ? undefined : 'not-an-approver';
}

/** What the answers so far amount to: one no denies; every requirement's quorum of yes approves. */
export function outcomeOf(held: HeldStatement): HoldOutcome | undefined {
  const no = held.answers.find((answer) => !answer.approve);
  if (no !== undefined) return { kind: 'denied', by: no.approver, note: no.note };
  const quorum = Math.max(...held.requirements.map((requirement) => requirement.quorum));
  const met = held.requirements.every(
    (requirement) =>
      held.answers.filter((answer) => shares(requirement, answer.groups)).length >= quorum,
  );
  return met ? { kind: 'approved', answers: held.answers } : undefined;
}

function shares(requirement: ApprovalRequirement, groups: readonly string[]): boolean {
  return requirement.groups.some((group) => groups.includes(group));
}
