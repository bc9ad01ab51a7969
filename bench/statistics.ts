// Order statistics of measured samples.

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The value below which `share` of the samples lie (nearest rank); NaN for no samples. */
export function percentile(sorted: Float64Array, share: number): number {
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(rank, 0)] ?? NaN;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = Float64Array.from(samples).sort();
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1
      ? sorted[Math.floor(middle)]
      : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return { min: sorted[0] ?? NaN, median: median ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** How far the samples lie apart, as a share of their median. */
export const relativeSpread = ({ min, median, max }: Spread): number => (max - min) / median;
