// Engines that faults are put to. An engine must deny what a fault broke, soon, and be right about the next statement.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Decision, Limits, Session, Statement } from '../../../engine/model/index.ts';
import { decisionId, defaultLimits } from '../../../engine/model/index.ts';
import type { CompiledPolicy } from '../../../engine/policy/compiler/index.ts';
import type { LoadOutcome, PolicyFile } from '../../../engine/policy/index.ts';
import { Compiler, PolicyEngine } from '../../../engine/policy/index.ts';
import { demand } from './fault.ts';
import { known, session, standing } from './questions.ts';

/** Work of others on the machine slows one attempt or another. */
const attemptsMax = 3;
const millisecondsMax = 100;

/** Either side of the compiler may be another one; it compiles the standing policy at first. */
type SomeCompiler = Pick<Compiler, 'compile' | 'test'>;

export interface SubjectOptions {
  /** Beside the standing policy. */
  readonly files?: readonly PolicyFile[];
  readonly limits?: Partial<Limits>;
  readonly compiler?: SomeCompiler;
  readonly now?: () => number;
}

export class Arena implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'sallyport-faults-'));
  readonly compiler = new Compiler({ cacheDirectory: join(this.directory, 'compiled') });
  /** Milliseconds of this thread that the slowest denial took. */
  slowest = 0;
  readonly #shared = new Map<string, Promise<Subject>>();

  /** One engine for all faults that ask for it by the same name. */
  shared(name: string, options: SubjectOptions = {}): Promise<Subject> {
    const subject = this.#shared.get(name) ?? this.subject(options);
    this.#shared.set(name, subject);
    return subject;
  }

  /** @throws Error when the files are refused. */
  async subject(options: SubjectOptions = {}): Promise<Subject> {
    const { files = [], limits = {}, compiler = this.compiler, now = () => 0 } = options;
    const engine = new PolicyEngine({
      compiler,
      limits: { ...defaultLimits, ...limits },
      now,
      nextDecisionId: () => decisionId('d'),
    });
    const subject = new Subject(engine, (took) => {
      this.slowest = Math.max(this.slowest, took);
    });
    const outcome = await subject.load(files);
    demand(outcome.kind === 'loaded', `it is not loaded: ${JSON.stringify(outcome)}`);
    return subject;
  }

  /** What the toolchain makes of the standing policy and these files. */
  async compiled(files: readonly PolicyFile[] = []): Promise<CompiledPolicy> {
    const result = await this.compiler.compile([standing, ...files]);
    demand(result.ok, `it does not compile: ${JSON.stringify(result)}`);
    return result.policy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compiler.close();
    rmSync(this.directory, { recursive: true });
  }
}

export class Subject {
  readonly engine: PolicyEngine;
  readonly #told: (milliseconds: number) => void;

  constructor(engine: PolicyEngine, told: (milliseconds: number) => void) {
    this.engine = engine;
    this.#told = told;
  }

  /** With the standing policy. */
  load(files: readonly PolicyFile[]): Promise<LoadOutcome> {
    return this.engine.load([standing, ...files]);
  }

  /** The answer must be an error of the policy, and what follows as if nothing had been. */
  denies(statement: Statement, as: Session = session): void {
    this.answers(statement, 'deny policy-error 0', as);
  }

  /** The answer must be this one, and what follows as if nothing had been. */
  answers(statement: Statement, answer: string, as: Session = session): void {
    let fastest = Infinity;
    for (let attempt = 1; attempt <= attemptsMax && fastest > millisecondsMax; attempt += 1) {
      const { decision, milliseconds } = this.#timed(statement, as);
      demand(spelled(decision) === answer, `${answer} was due, not ${spelled(decision)}`);
      fastest = Math.min(fastest, milliseconds);
      this.isRight();
    }
    demand(fastest <= millisecondsMax, `it took ${Math.round(fastest)} ms`);
    this.#told(fastest);
  }

  isRight(): void {
    for (const [statement, answer] of known) {
      const said = spelled(this.engine.decide(statement, session));
      demand(said === answer, `afterwards ${said} in place of ${answer}`);
    }
  }

  /** Files must be refused with a word of why, and leave what is in force. */
  async refuses(files: readonly PolicyFile[], word: RegExp): Promise<void> {
    const before = this.engine.generation?.revision;
    const outcome = await this.load(files).catch(String);
    const why = typeof outcome === 'string' ? outcome : JSON.stringify(outcome);
    demand(typeof outcome === 'string' || outcome.kind === 'rejected', `it is taken: ${why}`);
    demand(word.test(why), `it says ${why}`);
    demand(this.engine.generation?.revision === before, 'another generation is in force');
    this.isRight();
  }

  /** Other work on the machine does not count. */
  #timed(statement: Statement, as: Session) {
    const before = process.threadCpuUsage();
    const decision = this.engine.decide(statement, as);
    const { user, system } = process.threadCpuUsage(before);
    return { decision, milliseconds: (user + system) / 1000 };
  }
}

/** Verdict, first code and number of masks. */
function spelled(decision: Decision): string {
  const masks = decision.verdict === 'deny' ? 0 : decision.obligations.masks.length;
  return `${decision.verdict} ${decision.reasons[0]?.code ?? ''} ${masks}`;
}
