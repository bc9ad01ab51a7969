// Who is asked what, and how often: subjects take turns within each round, and no statement comes twice but for the memo's.

import { percentile } from '../statistics.ts';
import type { Question } from './questions.ts';
import { makeCallers, makeQuestions } from './questions.ts';
import { areaCount } from './rules.ts';
import type { Subject } from './subject.ts';

const rounds = 5;
/** Peers are slow, and medians settle early. */
const peersShare = 0.1;
/** Apart from those of other questions. */
const firstSeed = 1_000_000;

export interface Contender {
  /** As in the names of metrics. */
  readonly name: string;
  readonly subject: Subject;
  /** What is asked in one round. */
  readonly questions: (seed: number) => readonly Question[];
}

/** Microseconds. */
export interface Sample {
  readonly p50: number;
  readonly p99: number;
}

export interface Field {
  /** Sallyport by the number of rules. */
  readonly own: ReadonlyMap<number, Subject>;
  readonly peers: readonly Subject[];
  /** Rules of the peers. */
  readonly compared: number;
}

/** `decisions` are those of one round. */
export async function contendersOf(
  { own, peers, compared }: Field,
  decisions: number,
): Promise<readonly Contender[]> {
  const contender = (subject: Subject, rules: number, count: number): Contender => {
    const callers = makeCallers(rules, areaCount(rules));
    const questions = (seed: number) => makeQuestions({ seed, count, callers });
    return { name: subject.name, subject, questions };
  };
  const repeating = contender(own.get(compared)!, compared, decisions);
  const question = await firstAllowed(repeating);
  // As a host does with the facts of a prepared statement.
  Object.freeze(question.statement.facts);
  const repeated = Array.from({ length: decisions }, () => question);
  return [
    ...[...own].map(([rules, subject]) => contender(subject, rules, decisions)),
    { ...repeating, name: 'memo', questions: () => repeated },
    ...peers.map((peer) => contender(peer, compared, decisions * peersShare)),
  ];
}

async function firstAllowed({ subject, questions }: Contender): Promise<Question> {
  const candidates = questions(firstSeed);
  const { verdicts } = await subject.ask(candidates);
  return candidates[verdicts.indexOf('allow')]!;
}

/** One sample a round by the contender's name; a round before them is not counted. */
export async function measure(
  contenders: readonly Contender[],
  say: (line: string) => void,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map(contenders.map(({ name }) => [name, [] as Sample[]]));
  let seed = firstSeed;
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const sample = await sampleOf(contender, (seed += 1));
      if (round === 0) continue;
      samples.get(contender.name)?.push(sample);
      const [p50, p99] = [sample.p50.toFixed(2), sample.p99.toFixed(2)];
      say(`${round}: ${contender.name}: p50 ${p50} µs, p99 ${p99} µs`);
    }
  }
  return samples;
}

async function sampleOf({ subject, questions }: Contender, seed: number): Promise<Sample> {
  const { micros } = await subject.ask(questions(seed));
  micros.sort();
  return { p50: percentile(micros, 0.5), p99: percentile(micros, 0.99) };
}
