// What the engine answers for one statement. A denial is a value, never an exception.

import type { DecisionId, Revision } from './ids.ts';
import type { Reason } from './reasons.ts';

/** From the most to the least restrictive: on one column the first of these wins. */
export const maskStrategies = ['null', 'fixed', 'hash', 'partial'] as const;
export type MaskStrategy = (typeof maskStrategies)[number];

/** `schema.relation.column` of a database. */
export interface ColumnMask {
  readonly column: string;
  readonly strategy: MaskStrategy;
}

/** A selector of members of documents, such as `$.users[*].email`. */
export interface FieldMask {
  readonly field: string;
  readonly strategy: MaskStrategy;
}

/** Whatever the detector of this name finds. */
export interface DetectorMask {
  readonly detect: string;
  readonly strategy: MaskStrategy;
}

/** Which of them a host can apply is the host's to say: with one that it cannot, it denies. */
export type MaskingRule = ColumnMask | FieldMask | DetectorMask;

/** What a statement may spend, in the words of policies. `statements_per_minute` counts those of its principal. */
export const budgetUnits = ['rows', 'bytes', 'seconds', 'statements_per_minute'] as const;
export type BudgetUnit = (typeof budgetUnits)[number];

/** Units without a bound are left out; bounds are whole numbers above 0. */
export type Budget = Readonly<Partial<Record<BudgetUnit, number>>>;

/** The budget of a decision that bounds nothing, always this very object. */
export const unbounded: Budget = Object.freeze({});

/** What must be done for an allow to stand. */
export interface Obligations {
  readonly masks: readonly MaskingRule[];
  /** Columns that may decide about rows, their order and groups though they are masked: `schema.relation.column`. */
  readonly infer: readonly string[];
  readonly budget: Budget;
}

/** One approve rule's demand: `quorum` different people, each in one of `groups`. */
export interface ApprovalRequirement {
  readonly rule: string;
  readonly message: string;
  readonly groups: readonly string[];
  readonly quorum: number;
}

interface Judged {
  readonly id: DecisionId;
  /** Empty only when no bundle was loaded. */
  readonly revision: Revision | '';
  readonly reasons: readonly Reason[];
}

export interface Allow extends Judged {
  readonly verdict: 'allow';
  readonly obligations: Obligations;
}

export interface Deny extends Judged {
  readonly verdict: 'deny';
}

export interface Hold extends Judged {
  readonly verdict: 'hold';
  /** All of them must be met. */
  readonly requirements: readonly ApprovalRequirement[];
  /** How long the hold may wait for its answers: the shortest `ttl` of the rules. */
  readonly ttlSeconds: number;
  /** In force once the hold is approved. */
  readonly obligations: Obligations;
}

export type Decision = Allow | Deny | Hold;
