// What a lane is: one subject, measured in rounds, answered as named samples.

/** One sample a round; reports show their median and how far they lie apart. */
export interface Metric {
  /** For example `plain.simple.c8.tps_vs_pgbouncer`. */
  readonly name: string;
  readonly samples: readonly number[];
}

export interface LaneResult {
  readonly metrics: readonly Metric[];
  /** What the figures depend on besides the machine: versions, sizes, rounds. */
  readonly facts: Readonly<Record<string, string | number>>;
  /** Metrics that say whether the machine stood still; all of them unless named. */
  readonly steady?: (name: string) => boolean;
}

export interface LaneOptions {
  /** Fewer or shorter rounds: for a look, not for a figure to quote. */
  readonly quick: boolean;
  readonly say: (line: string) => void;
  /** Of the lane's parts those that are to be measured. */
  readonly measures: ReadonlySet<string>;
}

export interface Lane {
  readonly about: string;
  /** What can be measured by itself: the beginnings of metrics' names. None where all belongs together. */
  readonly parts?: readonly string[];
  readonly run: (options: LaneOptions) => Promise<LaneResult>;
}
