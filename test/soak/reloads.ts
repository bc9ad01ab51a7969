// Reloads while decisions are made: every decision must be the one that the generation in force makes.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Decision, PolicyFile } from '#engine';
import { Compiler, PolicyEngine, decisionId, defaultLimits } from '#engine';
import { temporaryDirectory } from '#lab';
import type { Question } from '../../bench/engine/questions.ts';
import { makeCallers, makeQuestions } from '../../bench/engine/questions.ts';
import { areaCount } from '../../bench/engine/rules.ts';
import { brokenBundles, freshBundle, goodBundles, ruleCount } from './bundles.ts';
import type { Held, Stall } from './pulse.ts';
import { Pulse, held } from './pulse.ts';

const questionCount = 200;
/** Decisions in a turn of the event loop. */
const decisionsPerTurn = 8;
/** Every so many reloads one is of a bundle that is not in the cache, and one of a broken bundle. */
const freshEvery = 20;
const brokenEvery = 4;
/** Until then the toolchain and the cache are warm. */
const warmShare = 0.2;
const quietMilliseconds = 2000;
const usualShare = 0.9;

export interface ReloadsReport {
  readonly decisions: number;
  /** Told apart by the answers that the revision on the decision makes. */
  readonly wrong: number;
  readonly loaded: number;
  readonly compiled: number;
  /** Broken bundles that were refused. */
  readonly rejected: number;
  readonly stall: Stall;
  /**
   * Milliseconds of the thread that nine reloads of ten stay below: a single longer turn may be the machine's, or a
   * collection of garbage that was due anyway.
   */
  readonly usualStall: number;
  /** As `stall`, while nothing was reloaded: what the machine and the decisions did alone. */
  readonly quietStall: Stall;
  readonly warm: Held;
  readonly end: Held;
}

export async function soakReloads(
  count: number,
  say: (line: string) => void = () => undefined,
): Promise<ReloadsReport> {
  await using directory = await temporaryDirectory('sallyport-soak-');
  const compiler = new Compiler({ cacheDirectory: join(directory.path, 'compiled') });
  try {
    const soak = new ReloadSoak(compiler);
    await soak.prepare();
    return await soak.run(count, say);
  } finally {
    await compiler.close();
  }
}

class ReloadSoak {
  readonly #compiler: Compiler;
  readonly #engine: PolicyEngine;
  readonly #pulse = new Pulse();
  readonly #questions = makeQuestions({
    seed: 1,
    count: questionCount,
    callers: makeCallers(1, areaCount(ruleCount)),
  });
  /** By revision. */
  readonly #answers = new Map<string, readonly string[]>();
  readonly #tally = { decisions: 0, wrong: 0, loaded: 0, compiled: 0, rejected: 0 };
  #clock = 0;
  #running = true;

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
    this.#engine = this.#newEngine();
  }

  #newEngine(): PolicyEngine {
    const now = () => this.#clock;
    const nextDecisionId = () => decisionId('d');
    return new PolicyEngine({
      compiler: this.#compiler,
      limits: defaultLimits,
      now,
      nextDecisionId,
    });
  }

  /** Asks each good bundle alone. */
  async prepare(): Promise<void> {
    for (const files of goodBundles) {
      const alone = this.#newEngine();
      await alone.load(files);
      const answers = this.#questions.map((question) => this.#ask(alone, question));
      this.#answers.set(alone.generation?.revision ?? '', answers.map(answerOf));
    }
    await this.#engine.load(goodBundles[0] ?? []);
  }

  async run(count: number, say: (line: string) => void): Promise<ReloadsReport> {
    this.#pulse.resume();
    const asking = this.#askAlways();
    await delay(quietMilliseconds);
    const quietStall = this.#pulse.takeLongest();
    let warm = held();
    const stalls: Stall[] = [];
    this.#pulse.resume();
    for (let number = 1; number <= count; number += 1) {
      await this.#reload(number);
      stalls.push(this.#pulse.takeLongest());
      if (number === Math.ceil(count * warmShare)) {
        warm = held();
        this.#pulse.resume();
        stalls.length = 0;
      }
      if (number % 50 === 0) say(`${number} reloads: ${this.#state(longest(stalls))}`);
    }
    this.#running = false;
    await asking;
    const usualStall = usual(stalls.map(({ own }) => own));
    return { ...this.#tally, stall: longest(stalls), usualStall, quietStall, warm, end: held() };
  }

  #state({ wall, own }: Stall): string {
    const { decisions, wrong } = this.#tally;
    const resident = process.memoryUsage.rss() / 1024 / 1024;
    const figures = [wall, own, resident].map(Math.round).join(', ');
    return `${decisions} decisions, ${wrong} wrong; stall ms, own ms, resident MB: ${figures}`;
  }

  async #reload(number: number): Promise<void> {
    if (number % brokenEvery === 0) {
      const files = brokenBundles[(number / brokenEvery) % brokenBundles.length] ?? [];
      const outcome = await this.#engine.load(files);
      if (outcome.kind === 'rejected') this.#tally.rejected += 1;
      return;
    }
    const fresh = number % freshEvery === 1;
    const outcome = await this.#engine.load(this.#bundle(number, fresh));
    if (outcome.kind !== 'loaded') return;
    this.#tally.loaded += 1;
    if (!fresh) return;
    this.#tally.compiled += 1;
    this.#answers.set(outcome.revision, [...this.#answers.values()][0] ?? []);
  }

  #bundle(number: number, fresh: boolean): readonly PolicyFile[] {
    return (fresh ? freshBundle(number) : goodBundles[number % goodBundles.length]) ?? [];
  }

  async #askAlways(): Promise<void> {
    for (let turn = 0; this.#running; turn += 1) {
      for (let each = 0; each < decisionsPerTurn; each += 1) {
        const index = (turn * decisionsPerTurn + each) % questionCount;
        const question = this.#questions[index];
        if (question !== undefined) this.#check(question, index);
      }
      await new Promise(setImmediate);
      this.#pulse.turn();
    }
  }

  #check(question: Question, index: number): void {
    const decision = this.#ask(this.#engine, question);
    this.#tally.decisions += 1;
    const due = this.#answers.get(decision.revision)?.[index];
    if (answerOf(decision) !== due) this.#tally.wrong += 1;
  }

  #ask(engine: PolicyEngine, { statement, session, at }: Question): Decision {
    this.#clock = at;
    return engine.decide(statement, session);
  }
}

const longest = (stalls: readonly Stall[]): Stall => ({
  wall: Math.max(0, ...stalls.map(({ wall }) => wall)),
  own: Math.max(0, ...stalls.map(({ own }) => own)),
});

const usual = (durations: readonly number[]): number =>
  durations.toSorted((a, b) => a - b)[Math.floor(durations.length * usualShare)] ?? 0;

/** Without what is only this decision's. */
const answerOf = (decision: Decision): string =>
  JSON.stringify({ ...decision, id: '', revision: '' });
