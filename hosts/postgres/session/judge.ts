// From SQL text to what may be done with it: analysis, one decision for each command in it, the strictest of
// them, and a plan for masking its results that is proven or refused.

import type { Engine, Session } from '#engine';

import type { TargetCatalog } from '../catalog/index.ts';
import type { Refusal } from '../refusal.ts';
import { refusal, refusalIn, refusalOf, reservedName } from '../refusal.ts';
import { statementsOf } from '../statement.ts';
import type { SoFar } from './so-far.ts';
import type { Analysed, AnalysedStatement, Catalog, LexerSettings, Refused } from '../sql/index.ts';
import {
  AnalysisThread,
  analyseAgain,
  planMasks,
  readsTablesOnly,
  threadTextMin,
} from '../sql/index.ts';
import type { Eventually } from './eventually.ts';
import { then } from './eventually.ts';
import type { Decisions, Judged, Judgement, Known } from './judgement.ts';
import type { NamedQuery } from './named-queries.ts';
import { TextNames } from './named-queries.ts';
import type { Definition, Permission } from './permission.ts';
import { combinePermissions, permissionFor, permissionToRun, rulesOf } from './permissions.ts';
import type { SessionNames } from './session-names.ts';

/** Of text that is not for the target. */
const ownText: LexerSettings = { standardConformingStrings: 'on', clientEncoding: 'UTF8' };
/** Comparing costs the target a look at its whole catalog, so not each statement on tables asks for it. */
const tableAgeMilliseconds = 250;

/** One for all sessions. */
const thread = new AnalysisThread();

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

export interface JudgeOptions {
  readonly engine: JudgingEngine;
  readonly session: Session;
  readonly catalog: CatalogSource;
  readonly soFar: SoFar;
  readonly names: SessionNames;
}

export class Judge {
  readonly #engine: JudgingEngine;
  readonly #session: Session;
  readonly #catalog: CatalogSource;
  readonly #names: SessionNames;
  readonly #soFar: SoFar;
  #soFarRead: { readonly revision: string; readonly isRead: boolean } | undefined;

  constructor(options: JudgeOptions) {
    this.#engine = options.engine;
    this.#session = options.session;
    this.#catalog = options.catalog;
    this.#names = options.names;
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
      const judgement = this.#judge(first.analysed, settings);
      const judged = { ...first, judgement };
      const verified = dependsOnCatalog(judged) ? this.#catalog.verify(ageMax(judged)) : undefined;
      if (verified === undefined) return judged;
      return verified.then((catalog) => {
        if (catalog === first.catalog) return judged;
        if (catalog === undefined) return { ...judged, judgement: catalogUnavailable(judgement) };
        return then(this.#analyse(text, catalog, settings), (analysed) => ({
          ...{ analysed, catalog },
          judgement: this.#judge(analysed, settings),
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

  #judge(analysed: Analysed | Refused, settings: LexerSettings): Judgement {
    if (analysed.kind === 'refused') return refuse(refusalIn(analysed));
    const { statements } = analysed;
    const { current } = this.#catalog;
    const { statementBytesMax } = this.#engine.limits;
    const by = { catalog: current, options: { settings, statementBytesMax } };
    const names = new TextNames(this.#names, statements, by);
    const [only] = statements;
    if (only !== undefined && statements.length === 1) return this.#judgeOne(only, names);
    const judgements = statements.map((statement) => {
      const judgement = this.#judgeOne(statement, names);
      if (judgement.kind !== 'refused') names.add(judgement.permission);
      return judgement;
    });
    return combine(judgements);
  }

  #decide(statement: AnalysedStatement): Decisions {
    const soFar = this.readsSoFar ? this.#soFar.facts : undefined;
    return statementsOf(statement, soFar).map((each) => this.#engine.decide(each, this.#session));
  }

  #judgeOne(statement: AnalysedStatement, names: TextNames): Judgement {
    const decisions = this.#decide(statement);
    if (statement.runs === undefined) {
      return permit(denialIn(decisions) ?? this.#plan(statement, decisions), decisions);
    }
    const query = names.queryOf(statement.runs);
    if (query !== undefined && 'code' in query) return refuse(query, decisions);
    if (query !== undefined) return this.#judgeNamed(statement, decisions, query, names);
    const permission = denialIn(decisions) ?? this.#plan(statement, decisions);
    const isUnsure = 'code' in permission || permission.guarded || names.mayLack(statement.runs);
    return permit(isUnsure ? unknownName : permission, decisions);
  }

  /** EXECUTE and FETCH are judged together with the query that they run, by the policy of now. */
  #judgeNamed(
    statement: AnalysedStatement,
    own: Decisions,
    query: NamedQuery,
    names: TextNames,
  ): Judgement {
    const decisions = [...own, ...this.#decide(query.statement)];
    const outer = denialIn(decisions) ?? this.#plan(statement, decisions);
    if ('code' in outer) return refuse(outer, decisions);
    const inner = this.#plan(query.statement, decisions, query.catalog);
    if ('code' in inner) return refuse(inner, decisions);
    if (inner.guarded) {
      const isOutdated = query.catalog !== undefined && query.catalog !== this.#catalog.current;
      const mayDiffer = isOutdated && query.revision !== this.#engine.revision;
      const unsure = names.whyUnsure(statement.runs, query, mayDiffer);
      if (unsure !== undefined) return refuse(unsure, decisions);
    }
    const permission = permissionToRun({ inner, outer }, decisions, query.catalog);
    // Its rows were approved when the cursor was declared.
    const isApproved = query.revision === this.#engine.revision;
    return permit(permission, decisions, isApproved ? own : decisions);
  }

  #plan(
    statement: AnalysedStatement,
    decisions: Decisions,
    catalog = this.#catalog.current,
  ): Permission | Refusal {
    if (statement.defines?.name.startsWith(reservedName) === true) return reserved;
    const definition = this.#definition(statement);
    const { masks, infer } = rulesOf(decisions);
    if (masks.length === 0) return permissionFor(statement, decisions, 'unguarded', definition);
    this.#names.wasGuarded = true;
    const plan = planMasks(statement, catalog, { masks, inferable: infer });
    switch (plan.kind) {
      case 'denied':
        return refusal(plan.code, plan.message, { hint: plan.hint, ...idOf(decisions) });
      case 'clear':
        return permissionFor(statement, decisions, 'clear', definition);
      case 'masked':
        if (plan.result.isComputed && isHeld(statement)) return heldComputation;
        return permissionFor(statement, decisions, plan.result, definition);
    }
  }

  /** What a PREPARE or DECLARE puts under its name. */
  #definition(statement: AnalysedStatement): Definition | undefined {
    const { defines, text } = statement;
    if (defines === undefined) return undefined;
    const { revision } = this.#engine;
    return { ...defines, text, statement, catalog: this.#catalog.current, revision };
  }

  /** Whether whoever listens on a channel does so under masks, or could no longer begin to. */
  guardsNotifications(channel: string): boolean {
    const text = `LISTEN "${channel.replaceAll('"', '""')}"`;
    const { statementBytesMax } = this.#engine.limits;
    const options = { settings: ownText, statementBytesMax };
    const analysed = analyseAgain(text, this.#catalog.current, options);
    const judgement = this.#judge(analysed, ownText);
    return judgement.kind === 'refused' || judgement.permission.guarded;
  }
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
 * of where its rows come from, and EXECUTE not what it reads.
 */
function ageMax({ analysed, catalog }: Judged): number {
  if (analysed.kind === 'refused') return 0;
  const plain = analysed.statements.every(
    (each) => each.runs === undefined && each.copy !== 'out' && readsTablesOnly(each, catalog),
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

const refuse = (refused: Refusal, decisions: Decisions = []): Judgement & { kind: 'refused' } => ({
  kind: 'refused',
  refusal: refused,
  decisions,
});

function denialIn(decisions: Decisions): Refusal | undefined {
  const denied = decisions.find((decision) => decision.verdict === 'deny');
  return denied === undefined ? undefined : refusalOf(denied);
}

/** @param asked the decisions whose holds must be approved */
function permit(
  permission: Permission | Refusal,
  decisions: Decisions,
  asked: Decisions = decisions,
): Judgement {
  if ('code' in permission) return refuse(permission, decisions);
  const holds = asked.filter((decision) => decision.verdict === 'hold');
  if (holds.length === 0) return { kind: 'permitted', permission, decisions };
  const demand = {
    requirements: holds.flatMap((hold) => hold.requirements),
    ttlSeconds: Math.min(...holds.map((hold) => hold.ttlSeconds)),
  };
  return { kind: 'held', demand, permission, decisions };
}

/** WITH HOLD computes its rows at COMMIT, where an error would be the transaction's and not this statement's. */
const isHeld = ({ defines }: AnalysedStatement): boolean =>
  defines?.kind === 'cursor' && defines.outlives;

const heldComputation = refusal(
  'mask-unsupported',
  'a cursor WITH HOLD may not compute with masked columns',
  { hint: 'declare it without HOLD, and fetch inside the transaction' },
);

const unknownName = refusal(
  'statement-unsupported',
  'it is not known what stands under this name',
  {
    hint: 'prepare or declare it again in a new session, or run the query itself',
  },
);

const reserved = refusal(
  'statement-unsupported',
  `names that begin with ${reservedName} are reserved`,
);

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
