// From SQL text to what may be done with it: analysis, one decision for each command in it, the strictest of
// them, and a plan for masking its results that is proven or refused.

import type { ApprovalRequirement, Decision, Engine, Session } from '#engine';
import { mergeBudgets, mergeInfer, mergeMasks, unbounded } from '#engine';

import type { Refusal } from '../refusal.ts';
import { refusal, refusalOf } from '../refusal.ts';
import { statementsOf } from '../statement.ts';
import type { SoFar } from './so-far.ts';
import type {
  Analysed,
  AnalysedStatement,
  Catalog,
  LexerSettings,
  Refused,
  ResultMasks,
} from '../sql/index.ts';
import {
  AnalysisThread,
  analyseAgain,
  planMasks,
  readsTablesOnly,
  threadTextMin,
} from '../sql/index.ts';
import type { TargetCatalog } from '../target-catalog.ts';
import type { Eventually } from './eventually.ts';
import { then } from './eventually.ts';
import type { Bounds, Permission } from './permission.ts';

/** Of text that is not for the target. */
const ownText: LexerSettings = { standardConformingStrings: 'on', clientEncoding: 'UTF8' };
/** Comparing costs the target a look at its whole catalog, so not each statement on tables asks for it. */
const tableAgeMilliseconds = 250;

/** One for all sessions. */
const thread = new AnalysisThread();

export interface HoldDemand {
  readonly requirements: readonly ApprovalRequirement[];
  readonly ttlSeconds: number;
}

export type Judgement =
  | { readonly kind: 'permitted'; readonly permission: Permission; readonly decisions: Decisions }
  | {
      readonly kind: 'held';
      readonly demand: HoldDemand;
      /** In force once the hold is approved. */
      readonly permission: Permission;
      readonly decisions: Decisions;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly decisions: Decisions };

type Decisions = readonly Decision[];
type Rules = Pick<Exclude<Decision, { verdict: 'deny' }>['obligations'], 'masks' | 'infer'>;

/** What judging needs of the engine; a live gateway's, or one that only holds policies. */
export type JudgingEngine = Pick<Engine, 'decide' | 'limits' | 'readsFact' | 'revision'>;

/** What judging needs of a catalog: the live one, or a snapshot that never changes. */
export interface CatalogSource extends Pick<
  TargetCatalog,
  'current' | 'pending' | 'refreshUnknown'
> {
  /** As `TargetCatalog.verify`; at once `undefined` where there is nothing to compare with. */
  readonly verify: (ageMilliseconds: number) => Promise<Catalog | undefined> | undefined;
}

/** What a text is, by one catalog. */
export interface Known {
  readonly analysed: Analysed | Refused;
  readonly catalog: Catalog;
}

export interface Judged extends Known {
  readonly judgement: Judgement;
}

export interface JudgeOptions {
  readonly engine: JudgingEngine;
  readonly session: Session;
  readonly catalog: CatalogSource;
  readonly soFar: SoFar;
}

export class Judge {
  readonly #engine: JudgingEngine;
  readonly #session: Session;
  readonly #catalog: CatalogSource;
  readonly #soFar: SoFar;
  #soFarRead: { readonly revision: string; readonly isRead: boolean } | undefined;
  /** The revision under which this session opened its cursors and portals; `mixed` when there were several. */
  #cursors: string | undefined;
  /** A masked result exists under a name that FETCH could read past its masks. */
  #maskedPortals = false;

  constructor(options: JudgeOptions) {
    this.#engine = options.engine;
    this.#session = options.session;
    this.#catalog = options.catalog;
    this.#soFar = options.soFar;
  }

  /**
   * Whether a rule in force reads what the session did up to now: then every execution is judged anew, when all before it
   * is answered.
   */
  get readsSoFar(): boolean {
    const { revision } = this.#engine;
    if (this.#soFarRead?.revision !== revision) {
      const isRead = ['so_far', 'transaction'].some((name) =>
        this.#engine.readsFact('postgres', name),
      );
      this.#soFarRead = { revision, isRead };
    }
    return this.#soFarRead.isRead;
  }

  /**
   * Judges a text; where masks depend on the catalog, by one that was compared with the target after the text came:
   * a view that was replaced meanwhile, by anyone, must not be read by its old definition.
   */
  judgeText(text: string, settings: LexerSettings, known?: Known): Eventually<Judged> {
    return then(this.#know(text, settings, known), (first) => {
      const judgement = this.judge(first.analysed);
      const judged = { ...first, judgement };
      const verified = dependsOnCatalog(judged) ? this.#catalog.verify(ageMax(judged)) : undefined;
      if (verified === undefined) return judged;
      return verified.then((catalog) => {
        if (catalog === first.catalog) return judged;
        if (catalog === undefined) return { ...judged, judgement: catalogUnavailable(judgement) };
        return then(this.#analyse(text, catalog, settings), (analysed) => ({
          ...{ analysed, catalog },
          judgement: this.judge(analysed),
        }));
      });
    });
  }

  /** Analyses text against the catalog; reads the catalog again, once, when a relation is unknown. */
  #know(text: string, settings: LexerSettings, known: Known | undefined): Eventually<Known> {
    const { current, pending } = this.#catalog;
    const by = (catalog: Catalog): Eventually<Known> =>
      then(this.#analyse(text, catalog, settings), (analysed) => ({ analysed, catalog }));
    if (pending !== undefined) return pending.then(by);
    if (known?.catalog === current) return known;
    return then(by(current), (first) => {
      const { analysed } = first;
      const isUnknown =
        analysed.kind === 'analysed' && analysed.statements.some((each) => each.unknownRelation);
      return isUnknown ? (this.#catalog.refreshUnknown()?.then(by) ?? first) : first;
    });
  }

  #analyse(
    text: string,
    catalog: Catalog,
    settings: LexerSettings,
  ): Eventually<Analysed | Refused> {
    const { statementBytesMax } = this.#engine.limits;
    const options = { settings, statementBytesMax };
    const isLarge = text.length >= threadTextMin && text.length <= statementBytesMax;
    return isLarge ? thread.analyse(text, catalog, options) : analyseAgain(text, catalog, options);
  }

  judge(analysed: Analysed | Refused): Judgement {
    if (analysed.kind === 'refused') {
      const { code, message, hint, position } = analysed;
      return refuse(refusal(code, message, { hint, position }));
    }
    const [only] = analysed.statements;
    if (only !== undefined && analysed.statements.length === 1) return this.#judgeOne(only);
    return combine(analysed.statements.map((statement) => this.#judgeOne(statement)));
  }

  #judgeOne(statement: AnalysedStatement): Judgement {
    const soFar = this.readsSoFar ? this.#soFar.facts : undefined;
    const decisions = statementsOf(statement, soFar).map((each) =>
      this.#engine.decide(each, this.#session),
    );
    const denied = decisions.find((decision) => decision.verdict === 'deny');
    if (denied !== undefined) return refuse(refusalOf(denied), decisions);
    const rule = this.#cursorRule(statement);
    if (rule !== undefined) return refuse(rule, decisions);
    const permission = this.#plan(statement, decisions);
    if ('code' in permission) return refuse(permission, decisions);
    if (decisions.every(({ verdict }) => verdict === 'allow')) {
      return { kind: 'permitted', permission, decisions };
    }
    const holds = decisions.filter((decision) => decision.verdict === 'hold');
    const demand = {
      requirements: holds.flatMap((hold) => hold.requirements),
      ttlSeconds: Math.min(...holds.map((hold) => hold.ttlSeconds)),
    };
    return { kind: 'held', demand, permission, decisions };
  }

  #plan(statement: AnalysedStatement, decisions: Decisions): Permission | Refusal {
    const { masks, infer } = rulesOf(decisions);
    if (masks.length === 0) {
      const permission = permissionFor(statement, decisions, 'unguarded');
      if (permission.opensCursors) this.noteCursor();
      return permission;
    }
    const plan = planMasks(statement, this.#catalog.current, { masks, inferable: infer });
    switch (plan.kind) {
      case 'denied':
        return refusal(plan.code, plan.message, { hint: plan.hint, ...idOf(decisions) });
      case 'clear':
        if (statement.facts.command === 'DECLARE') this.noteCursor();
        return permissionFor(statement, decisions, 'clear');
      case 'masked':
        this.#maskedPortals = true;
        return permissionFor(statement, decisions, plan.result);
    }
  }

  /** A cursor, or a portal that FETCH reaches by its name, was opened on rows that are not masked. */
  noteCursor(): void {
    const { revision } = this.#engine;
    this.#cursors = this.#cursors === undefined || this.#cursors === revision ? revision : 'mixed';
  }

  /** Whether whoever listens on a channel does so under masks, or could no longer begin to. */
  guardsNotifications(channel: string): boolean {
    const text = `LISTEN "${channel.replaceAll('"', '""')}"`;
    const { statementBytesMax } = this.#engine.limits;
    const options = { settings: ownText, statementBytesMax };
    const judgement = this.judge(analyseAgain(text, this.#catalog.current, options));
    return judgement.kind === 'refused' || judgement.permission.guarded;
  }

  /** FETCH tells nothing of what it reads, so all that it could read must have been free of masks. */
  #cursorRule(statement: AnalysedStatement): Refusal | undefined {
    if (!statement.readsCursor) return undefined;
    if (this.#cursors === this.#engine.revision && !this.#maskedPortals) return undefined;
    return refusal('statement-unsupported', 'this cursor may hold rows that must be masked', {
      hint: 'declare the cursor again in a new session, or select the rows directly',
    });
  }
}

/** What is masked, and may be inferred. Of a single decision, as most are, the very lists. */
function rulesOf(decisions: Decisions): Rules {
  const [only] = decisions;
  if (only !== undefined && only.verdict !== 'deny' && decisions.length === 1) {
    return only.obligations;
  }
  const all = decisions.flatMap((each) => (each.verdict === 'deny' ? [] : [each.obligations]));
  return {
    masks: mergeMasks(all.map(({ masks }) => masks)),
    infer: mergeInfer(all.map(({ infer }) => infer)),
  };
}

/** `unguarded`: no masks are in force. `clear`: none that are touch the statement. */
function permissionFor(
  statement: AnalysedStatement,
  decisions: Decisions,
  masks: ResultMasks | 'clear' | 'unguarded',
): Permission {
  const result = typeof masks === 'string' ? undefined : masks;
  return {
    decisions,
    masks: result === undefined ? undefined : [result],
    guarded: masks !== 'unguarded',
    silent: result?.isComputed === true,
    bounds: boundsOf(statement, decisions),
    copy: statement.copy,
    changesCatalog: statement.changesCatalog,
    mayChangeSettings: statement.mayChangeSettings,
    // Code that is not reviewed may open a cursor under any name.
    opensCursors: statement.facts.command === 'DECLARE' || statement.mayChangeSettings,
  };
}

function boundsOf({ transaction }: AnalysedStatement, decisions: Decisions): Bounds | undefined {
  const budget = mergeBudgets(
    decisions.map((each) => (each.verdict === 'deny' ? unbounded : each.obligations.budget)),
  );
  if (budget === undefined) return undefined;
  return { budget, statements: 1, counted: transaction === null ? 1 : 0 };
}

/** Under masks, all that touches relations or calls code; also what was denied because a name is unknown. */
function dependsOnCatalog({ analysed, judgement }: Judged): boolean {
  if (analysed.kind === 'refused') return false;
  const guarded =
    judgement.kind === 'refused'
      ? judgement.refusal.code === 'mask-unsupported'
      : judgement.permission.guarded;
  return guarded && analysed.statements.some((each) => each.maskClass !== 'harmless');
}

/**
 * How old a comparison may be. A view may read anything since it was replaced, and its rows do not tell. Rows of plain
 * tables do: what comes from another table or column than was judged is a contradiction (`planResult`). COPY says nothing
 * of where its rows come from.
 */
function ageMax({ analysed, catalog }: Judged): number {
  if (analysed.kind === 'refused') return 0;
  const plain = analysed.statements.every(
    (each) => each.copy !== 'out' && readsTablesOnly(each, catalog),
  );
  return plain ? tableAgeMilliseconds : 0;
}

function catalogUnavailable({ decisions }: Judgement): Judgement {
  const message = 'the catalog of the target cannot be read, so nothing can be masked by it';
  return refuse(refusal('catalog-unavailable', message, { hint: 'try again' }), decisions);
}

function idOf(decisions: Decisions): { readonly decision: string } | undefined {
  const [first] = decisions;
  return first === undefined ? undefined : { decision: first.id };
}

function refuse(refused: Refusal, decisions: Decisions = []): Judgement {
  return { kind: 'refused', refusal: refused, decisions };
}

/** Several statements in one text stand or fall together, under all their masks. */
function combine(judgements: readonly Judgement[]): Judgement {
  const decisions = judgements.flatMap((each) => each.decisions);
  const refused = judgements.find((each) => each.kind === 'refused');
  if (refused !== undefined) return { ...refused, decisions };
  const open = judgements.filter((each) => each.kind !== 'refused');
  const permission = combinePermissions(
    open.map((each) => each.permission),
    decisions,
  );
  if (judgements.length > 1 && permission.copy !== null) {
    const message = 'COPY cannot share a query message with other statements';
    return refuse(refusal('statement-unsupported', message), decisions);
  }
  const held = open.filter((each) => each.kind === 'held');
  if (held.length === 0) return { kind: 'permitted', permission, decisions };
  const demand = {
    requirements: held.flatMap((each) => each.demand.requirements),
    ttlSeconds: Math.min(...held.map((each) => each.demand.ttlSeconds)),
  };
  return { kind: 'held', demand, permission, decisions };
}

function combinePermissions(all: readonly Permission[], decisions: Decisions): Permission {
  return {
    decisions,
    masks: all.some((each) => each.masks !== undefined)
      ? all.flatMap((each) => each.masks ?? [undefined])
      : undefined,
    guarded: all.some((each) => each.guarded),
    silent: all.some((each) => each.silent),
    bounds: combineBounds(all),
    copy: all.find((each) => each.copy !== null)?.copy ?? null,
    changesCatalog: all.some((each) => each.changesCatalog),
    mayChangeSettings: all.some((each) => each.mayChangeSettings),
    opensCursors: all.some((each) => each.opensCursors),
  };
}

/** One budget for the whole text: in pieces of one message it would be many. */
function combineBounds(all: readonly Permission[]): Bounds | undefined {
  const bounds = all.flatMap((each) => each.bounds ?? []);
  const budget = mergeBudgets(bounds.map((each) => each.budget));
  const counted = bounds.reduce((sum, each) => sum + each.counted, 0);
  return budget === undefined ? undefined : { budget, statements: all.length, counted };
}
