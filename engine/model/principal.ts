// Who is calling: an authenticated human or workload.

export interface Principal {
  /** Stable name that policies and recordings use, for example `ada@example.com`. */
  readonly id: string;
  readonly kind: 'human' | 'workload';
  readonly groups: readonly string[];
}
