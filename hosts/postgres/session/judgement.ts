// What the judge says of a text.

import type { ApprovalRequirement, Decision } from '#engine';

import type { Refusal } from '../refusal.ts';
import type { Analysed, Catalog, Refused } from '../sql/index.ts';
import type { Permission } from './permission.ts';

export interface HoldDemand {
  readonly requirements: readonly ApprovalRequirement[];
  readonly ttlSeconds: number;
}

export type Judgement =
  | { readonly kind: 'permitted'; readonly permission: Permission; readonly decisions: Decisions }
  | {
      readonly kind: 'held';
      readonly demand: HoldDemand;
      /** In force once the hold is approved. */
      readonly permission: Permission;
      readonly decisions: Decisions;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly decisions: Decisions };

export type Decisions = readonly Decision[];

/** What a text is, by one catalog. */
export interface Known {
  readonly analysed: Analysed | Refused;
  readonly catalog: Catalog;
}

export interface Judged extends Known {
  readonly judgement: Judgement;
}
