// The loop: mutate, check, keep what was accepted as the next seed.

import { mutate } from './mutate.ts';
import { seededRandom } from './random.ts';
import { readSeeds, type Target } from './target.ts';

export interface Finding {
  readonly input: Buffer;
  readonly error: unknown;
}

export interface FuzzResult {
  readonly runs: number;
  readonly accepted: number;
  readonly finding: Finding | undefined;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly runsMax: number;
  /** Milliseconds of a monotonic clock at which to stop. */
  readonly deadline: number;
  /** Told of each input before it runs, so that one that never ends is known. */
  readonly onInput?: (input: Buffer) => void;
}

const corpusMax = 500;
export const inputMillisecondsMax = 1000;

type Outcome = 'accepted' | 'refused' | Finding;

/** What takes too long does so twice: a first time may compile, or collect others' garbage. */
export const checkInput = (target: Target, input: Buffer, seed: number): Outcome => {
  const { outcome, milliseconds } = checkOnce(target, input, seed);
  if (milliseconds < inputMillisecondsMax) return outcome;
  const again = checkOnce(target, input, seed);
  if (again.milliseconds < inputMillisecondsMax) return again.outcome;
  return { input, error: new Error(`took ${Math.round(again.milliseconds)} ms`) };
};

function checkOnce(target: Target, input: Buffer, seed: number) {
  const before = process.threadCpuUsage();
  let outcome: Outcome = 'accepted';
  try {
    target.check(input, seededRandom(seed));
  } catch (error) {
    outcome = target.isRefusal(error) ? 'refused' : { input, error };
  }
  // Of the processor, so that a machine that is busy finds nothing.
  const { user, system } = process.threadCpuUsage(before);
  return { outcome, milliseconds: (user + system) / 1000 };
}

export const fuzz = (target: Target, options: FuzzOptions): FuzzResult => {
  const random = seededRandom(options.seed);
  const corpus = [...readSeeds(target.name)];
  const pick = (): Buffer => corpus[random.below(corpus.length)] ?? Buffer.alloc(0);
  const next = (): Buffer => {
    const mutated = mutate(pick(), random, pick());
    return random.below(4) === 0 ? mutated : (target.repair?.(mutated) ?? mutated);
  };
  const seeds = corpus.length;
  let runs = 0;
  let accepted = 0;
  while (runs < options.runsMax && performance.now() < options.deadline) {
    const input = (runs < seeds ? corpus[runs] : undefined) ?? next();
    options.onInput?.(input);
    runs += 1;
    const outcome = checkInput(target, input, options.seed);
    if (typeof outcome === 'object') return { runs, accepted, finding: outcome };
    if (outcome === 'refused') continue;
    accepted += 1;
    if (corpus.length < corpusMax) corpus.push(input);
    else corpus[seeds + random.below(corpusMax - seeds)] = input;
  }
  return { runs, accepted, finding: undefined };
};
