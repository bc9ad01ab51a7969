// What EXECUTE and FETCH run: found under their names while one text is judged, in which earlier statements give names, too.

import type { Refusal } from '../refusal.ts';
import { refusal, refusalIn } from '../refusal.ts';
import type {
  Analysed,
  AnalysedStatement,
  AnalyseOptions,
  Catalog,
  Refused,
  RunName,
} from '../sql/index.ts';
import { analyseAgain } from '../sql/index.ts';
import type { Definition, Permission } from './permission.ts';
import type { Prepared, SessionNames } from './session-names.ts';

export interface NamedQuery {
  readonly statement: AnalysedStatement;
  /** By which a cursor was declared; `undefined` where the server reads the text again. */
  readonly catalog: Catalog | undefined;
  /** Under which the cursor was declared, so that its rows need no other approval. */
  readonly revision: string | undefined;
  /** A portal of the protocol, of which nothing more is known. */
  readonly isPortal: boolean;
}

/** What texts under names are analysed by now. */
interface By {
  readonly catalog: Catalog;
  readonly options: AnalyseOptions;
}

/** Commands that PREPARE takes; a prepared statement of the protocol may be any other. */
const preparable = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);

export class TextNames {
  readonly #session: SessionNames;
  readonly #by: By;
  readonly #isDoubtful: boolean;
  #own: Definition[] | undefined;
  #isGuarded = false;

  constructor(session: SessionNames, statements: readonly AnalysedStatement[], by: By) {
    this.#session = session;
    this.#by = by;
    this.#isDoubtful =
      session.isDoubtful ||
      (statements.length > 1 && statements.some((each) => each.mayChangeSettings));
  }

  /** A statement of the text is permitted: those behind it run only if it succeeds. */
  add({ defines, guarded }: Permission): void {
    if (guarded) this.#isGuarded = true;
    const [definition] = defines ?? [];
    if (definition !== undefined) (this.#own ??= []).push(definition);
  }

  /** `undefined` if nothing is known under the name. */
  queryOf({ kind, name }: RunName): NamedQuery | Refusal | undefined {
    const own = this.#own?.findLast((each) => each.kind === kind && each.name === name);
    if (kind === 'prepared') {
      const prepared = this.#session.statements.lookup(name);
      if (own !== undefined) return this.#runnable(this.#only(own.text));
      return prepared === undefined ? undefined : this.#runnable(this.#prepared(prepared));
    }
    const cursor = own ?? this.#session.cursors.lookup(name);
    if (cursor !== undefined) {
      const { statement, catalog, revision } = cursor;
      return { statement, catalog, revision, isPortal: false };
    }
    const portal = this.#session.portals.lookup(name);
    if (portal === undefined) return undefined;
    const query = this.#prepared(portal.prepared);
    if ('code' in query) return query;
    return query.statement.runs === undefined ? { ...query, isPortal: true } : notOne;
  }

  #runnable(query: NamedQuery | Refusal): NamedQuery | Refusal {
    if ('code' in query) return query;
    const { defines, facts } = query.statement;
    if (defines?.kind === 'prepared' || preparable.has(facts.command)) return query;
    return refusal('statement-unsupported', `EXECUTE of ${facts.command} is not supported`);
  }

  #prepared({ text, known }: Prepared): NamedQuery | Refusal {
    return known.catalog === this.#by.catalog ? onlyOf(known.analysed) : this.#only(text);
  }

  #only(text: string): NamedQuery | Refusal {
    return onlyOf(analyseAgain(text, this.#by.catalog, this.#by.options));
  }

  /** Whether there may be something under the name of which nothing is known here. */
  mayLack({ kind }: RunName): boolean {
    const { statements, cursors, wasGuarded } = this.#session;
    if (wasGuarded || this.#isGuarded) return true;
    // What such code opens is as visible as what it returns.
    if (kind === 'cursor') return cursors.hasForgotten;
    return statements.hasForgotten || this.#isDoubtful;
  }

  /**
   * Why rows of the query cannot be masked under its name; `undefined` if they can.
   * @param mayDiffer the policy of now may mean other tables by its names than the catalog of the cursor has
   */
  whyUnsure(
    run: RunName | undefined,
    { isPortal }: NamedQuery,
    mayDiffer: boolean,
  ): Refusal | undefined {
    if (run?.isNested === true) return unsure('EXECUTE inside another statement is not possible');
    if (isPortal) return unsure('portals of the protocol are not for FETCH');
    if (this.#isDoubtful)
      return unsure('code ran that may have put something else under this name');
    return mayDiffer
      ? unsure('policy and catalog have changed since the cursor was declared')
      : undefined;
  }
}

function onlyOf(analysed: Analysed | Refused): NamedQuery | Refusal {
  if (analysed.kind === 'refused') return refusalIn(analysed);
  const [statement] = analysed.statements;
  if (statement === undefined || analysed.statements.length > 1) return notOne;
  return { statement, catalog: undefined, revision: undefined, isPortal: false };
}

const unsure = (why: string): Refusal =>
  refusal('mask-unsupported', `columns are masked for you, and ${why}`, {
    hint: 'prepare or declare it in a new session, or run the query itself',
  });

const notOne = refusal('statement-unsupported', 'what stands under this name is not one statement');
