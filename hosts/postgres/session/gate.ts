// The one gate to the target: judges, holds and records a statement. What it lets through has its record.

import type { Decision, EntryText } from '#engine';

import type { Refusal } from '../refusal.ts';
import { refusal } from '../refusal.ts';
import type { BoundValues } from './evidence.ts';
import { permittedEntry, refusedEntry } from './evidence.ts';
import type { Eventually } from './eventually.ts';
import type { HoldDoor } from './hold.ts';
import type { Judged, Judgement } from './judgement.ts';
import { budgetRefusal } from './meter.ts';
import type { Permission } from './permission.ts';
import type { SessionState } from './state.ts';

export type Passage =
  | { readonly kind: 'permitted'; readonly permission: Permission }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface Asked {
  readonly protocol: 'simple' | 'extended' | 'function-call';
  readonly text: string;
  readonly bind?: BoundValues | undefined;
  /** Judges it again after a hold, where the text alone does not say what is asked. */
  readonly judge?: (before: Judged) => Promise<Judged>;
}

export class Gate {
  readonly #state: SessionState;
  readonly #hold: HoldDoor;

  constructor(state: SessionState, hold: HoldDoor) {
    this.#state = state;
    this.#hold = hold;
  }

  /** Whether the statement may go on. Synchronous unless it is held. */
  pass(asked: Asked, judged: Judged): Eventually<Passage> {
    const { judgement } = judged;
    switch (judgement.kind) {
      case 'permitted':
        return this.#permit(asked, judged, judgement);
      case 'refused':
        return this.refuse(asked, judgement);
      case 'held':
        return this.#ask(asked, judged, judgement);
    }
  }

  /** Records a refusal. A refusal that cannot be recorded stays a refusal. */
  refuse(
    asked: Asked,
    judgement: Pick<Judgement & { kind: 'refused' }, 'refusal' | 'decisions'>,
  ): Passage {
    const { decisions } = judgement;
    this.#state.soFar.refused += 1;
    this.#record(refusedEntry(evidenceOf(asked, decisions), judgement.refusal));
    return { kind: 'refused', refusal: judgement.refusal };
  }

  #permit(
    asked: Asked,
    { analysed }: Pick<Judged, 'analysed'>,
    judgement: Judgement & { kind: 'permitted' },
    approval?: string,
  ): Passage {
    const { decisions, permission } = judgement;
    const spent = this.#countStatements(permission);
    if (spent !== undefined) return this.refuse(asked, { refusal: spent, decisions });
    const failed = this.#record(permittedEntry(evidenceOf(asked, decisions), approval));
    if (failed !== undefined) return { kind: 'refused', refusal: failed };
    const { judge, soFar } = this.#state;
    if (judge.readsSoFar && analysed.kind === 'analysed') {
      for (const statement of analysed.statements) soFar.touch(statement);
    }
    return { kind: 'permitted', permission };
  }

  /** The refusal if these would be more statements a minute than the policy grants. */
  #countStatements({ bounds, decisions }: Permission): Refusal | undefined {
    const countMax = bounds?.budget.statements_per_minute;
    if (bounds === undefined || countMax === undefined) return undefined;
    const { rates, session } = this.#state;
    const { principal, target } = session;
    if (rates.take([principal.id, target.name], bounds.counted, countMax)) return undefined;
    return budgetRefusal('statements_per_minute', bounds.budget, decisions[0]?.id);
  }

  async #ask(
    asked: Asked,
    judged: Judged,
    judgement: Judgement & { kind: 'held' },
  ): Promise<Passage> {
    const { judge, settings } = this.#state;
    const { decisions } = judgement;
    let result;
    try {
      result = await this.#hold.wait(judgement.demand, asked.text);
    } catch (error) {
      return { kind: 'refused', refusal: recordFailed(error) };
    }
    if (result.kind === 'refused') {
      return this.refuse(asked, { refusal: result.refusal, decisions });
    }
    // Policy and catalog may have changed while it waited: the yes was given to the old question.
    const later = await (asked.judge?.(judged) ?? judge.judgeText(asked.text, settings, judged));
    const again = later.judgement;
    if (again.kind === 'refused') return this.refuse(asked, again);
    if (again.kind === 'held' && !sameDemand(again, judgement)) {
      return this.#ask(asked, later, again);
    }
    return this.#permit(asked, later, { ...again, kind: 'permitted' }, result.approval);
  }

  #record(entry: EntryText): Refusal | undefined {
    try {
      this.#state.recorder.write(entry);
      return undefined;
    } catch (error) {
      return recordFailed(error);
    }
  }
}

function evidenceOf({ protocol, text, bind }: Asked, decisions: readonly Decision[]) {
  return { protocol, text, bind, decisions };
}

function sameDemand(
  one: Judgement & { kind: 'held' },
  other: Judgement & { kind: 'held' },
): boolean {
  return JSON.stringify(one.demand.requirements) === JSON.stringify(other.demand.requirements);
}

function recordFailed(error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return refusal('record-failed', `the statement cannot be recorded${code}`, {
    hint: 'an operator must free space for recordings; then connect again',
  });
}
