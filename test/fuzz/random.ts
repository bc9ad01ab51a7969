// A small seeded generator (mulberry32), so that a printed seed repeats a run.

export interface Random {
  /** An integer from 0 to `below` - 1. */
  readonly below: (below: number) => number;
}

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  return { below: (below) => next() % below };
};
