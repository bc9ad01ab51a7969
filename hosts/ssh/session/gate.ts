// The one gate to the target: judges, holds and records. What it lets through has its record.

import type { Decision, Engine, Hold, Statement } from '#engine';
import { decisionEntry, holdOutcomeEntry } from '#engine';

import type { OutputMaskPlan } from '../output/index.ts';
import type { Refusal } from '../refusal.ts';
import { approvedLines, heldLines, recordFailed, refusalOfHold } from '../refusal.ts';
import type { MaskReach } from './ruling.ts';
import { rulingOf } from './ruling.ts';
import type { SshSession } from './ssh-session.ts';

export interface Asked {
  /** All must be allowed. */
  readonly statements: readonly Statement[];
  readonly masks: MaskReach;
}

/** Who waits for the answer. */
export interface Waiting {
  /** The channel's number in the recording. */
  readonly channel: number;
  /** Says something to the person at the other end. */
  readonly tell: (lines: string) => void;
  /** Aborted when nobody waits any more. */
  readonly gone: AbortSignal;
}

export type Passage =
  | { readonly kind: 'permitted'; readonly masks: OutputMaskPlan | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

interface Held {
  readonly demand: Hold;
  readonly approval: string;
}

export class Gate {
  readonly #engine: Engine;
  readonly #session: SshSession;

  constructor(engine: Engine, session: SshSession) {
    this.#engine = engine;
    this.#session = session;
  }

  /** Never rejects. */
  async pass(asked: Asked, waiting: Waiting): Promise<Passage> {
    let decisions = this.#decide(asked);
    let approved: Held | undefined;
    for (;;) {
      const ruling = rulingOf(decisions, asked.masks);
      if (ruling.kind === 'refused') {
        return this.#refuse(asked, { decisions, waiting, refused: ruling.refusal });
      }
      const { demand, masks } = ruling;
      // Policies may have changed while it waited: the yes was given to the old question.
      if (demand === undefined || (approved !== undefined && sameDemand(demand, approved.demand))) {
        const approval = approved?.approval;
        return this.#permit(asked, { decisions, waiting, approval, masks });
      }
      const result = await this.#hold(asked, demand, waiting);
      if (result.kind === 'refused') {
        return this.#refuse(asked, { decisions, waiting, refused: result.refusal });
      }
      approved = { demand, approval: result.approval };
      decisions = this.#decide(asked);
    }
  }

  /** Records what is refused before any policy is asked. */
  refuseUnjudged(text: string, refused: Refusal, { channel }: Pick<Waiting, 'channel'>): Passage {
    return this.#record(
      { type: 'statement', verdict: 'deny', channel, text, decisions: [], refused: why(refused) },
      { kind: 'refused', refusal: refused },
    );
  }

  #decide({ statements }: Asked): readonly Decision[] {
    return statements.map((each) => this.#engine.decide(each, this.#session.session));
  }

  #permit(asked: Asked, judged: Judged & Permission): Passage {
    const { decisions, waiting, approval, masks } = judged;
    const common = this.#common(asked, decisions, waiting);
    const approved = approval === undefined ? {} : { approval };
    return this.#record(
      { type: 'statement', verdict: 'allow', ...common, ...approved },
      { kind: 'permitted', masks },
    );
  }

  #refuse(asked: Asked, judged: Judged & { readonly refused: Refusal }): Passage {
    const { decisions, waiting, refused } = judged;
    const common = this.#common(asked, decisions, waiting);
    return this.#record(
      { type: 'statement', verdict: 'deny', ...common, refused: why(refused) },
      { kind: 'refused', refusal: refused },
    );
  }

  #common(asked: Asked, decisions: readonly Decision[], { channel }: Waiting) {
    return { channel, text: textOf(asked), decisions: decisions.map(decisionEntry) };
  }

  #record(entry: Parameters<SshSession['record']>[0], passage: Passage): Passage {
    try {
      this.#session.record(entry);
      return passage;
    } catch (error) {
      return passage.kind === 'refused'
        ? passage
        : { kind: 'refused', refusal: recordFailed(error) };
    }
  }

  async #hold(
    asked: Asked,
    demand: Hold,
    { channel, tell, gone }: Waiting,
  ): Promise<
    | { readonly kind: 'approved'; readonly approval: string }
    | { readonly kind: 'refused'; readonly refusal: Refusal }
  > {
    const { session } = this.#session;
    const { requirements, ttlSeconds } = demand;
    const text = textOf(asked);
    const hold = this.#engine.desk.open({
      requester: session.principal,
      session: session.id,
      target: session.target.name,
      statement: text,
      requirements,
      ttlSeconds: Math.min(ttlSeconds, this.#engine.limits.holdSecondsMax),
    });
    const shown = requirements.map((each) => ({ ...each }));
    try {
      this.#session.record({ type: 'hold', channel, approval: hold.id, text, requirements: shown });
    } catch (error) {
      hold.cancel();
      return { kind: 'refused', refusal: recordFailed(error) };
    }
    const withdraw = (): void => {
      hold.cancel();
    };
    gone.addEventListener('abort', withdraw);
    if (gone.aborted) withdraw();
    const groups = new Set(requirements.flatMap((each) => each.groups));
    const messages = new Set(requirements.map((each) => each.message));
    tell(heldLines(hold, [...messages], [...groups]));
    const outcome = await hold.outcome;
    gone.removeEventListener('abort', withdraw);
    this.#session.note({ type: 'hold-outcome', approval: hold.id, ...holdOutcomeEntry(outcome) });
    if (outcome.kind !== 'approved') {
      return { kind: 'refused', refusal: refusalOfHold(outcome, hold) };
    }
    const approvers = outcome.answers.map(({ approver }) => approver);
    tell(approvedLines(hold, approvers));
    return { kind: 'approved', approval: hold.id };
  }
}

interface Permission {
  readonly approval: string | undefined;
  readonly masks: OutputMaskPlan | undefined;
}

interface Judged {
  readonly decisions: readonly Decision[];
  readonly waiting: Waiting;
}

const why = ({ code, message }: Refusal) => ({ code, message });

const textOf = ({ statements }: Asked): string => statements.map(({ text }) => text).join('\n');

const sameDemand = (one: Hold, other: Hold): boolean =>
  JSON.stringify(one.requirements) === JSON.stringify(other.requirements);
