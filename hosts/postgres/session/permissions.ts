// Permissions of statements and of texts of several.

import type { Decision } from '#engine';
import { mergeBudgets, mergeInfer, mergeMasks, unbounded } from '#engine';

import type { AnalysedStatement, ResultMasks } from '../sql/index.ts';
import type { Decisions } from './judgement.ts';
import type { Bounds, Definition, Permission } from './permission.ts';

type Rules = Pick<Exclude<Decision, { verdict: 'deny' }>['obligations'], 'masks' | 'infer'>;

/** What is masked, and may be inferred. Of a single decision, as most are, the very lists. */
export function rulesOf(decisions: Decisions): Rules {
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
export function permissionFor(
  statement: AnalysedStatement,
  decisions: Decisions,
  masks: ResultMasks | 'clear' | 'unguarded',
  definition: Definition | undefined,
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
    opensCursors: statement.defines?.kind === 'cursor' || statement.mayChangeSettings,
    defines: definition === undefined ? undefined : [definition],
    runsNamed: false,
    catalog: undefined,
  };
}

function boundsOf({ transaction }: AnalysedStatement, decisions: Decisions): Bounds | undefined {
  const budget = mergeBudgets(
    decisions.map((each) => (each.verdict === 'deny' ? unbounded : each.obligations.budget)),
  );
  if (budget === undefined) return undefined;
  return { budget, statements: 1, counted: transaction === null ? 1 : 0 };
}

/** Of the statements of one text. */
export function combinePermissions(all: readonly Permission[], decisions: Decisions): Permission {
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
    defines: all.some((each) => each.defines !== undefined)
      ? all.flatMap((each) => each.defines ?? [undefined])
      : undefined,
    runsNamed: all.some((each) => each.runsNamed),
    catalog: undefined,
  };
}

/** Of EXECUTE or FETCH and the query that it runs, whose rows they are. */
export function permissionToRun(
  { inner, outer }: { readonly inner: Permission; readonly outer: Permission },
  decisions: Decisions,
  catalog: Permission['catalog'],
): Permission {
  const both = combinePermissions([inner, outer], decisions);
  const { masks, bounds } = inner;
  return { ...both, masks, bounds, catalog, defines: undefined, runsNamed: true };
}

/** One budget for the whole text: in pieces of one message it would be many. */
function combineBounds(all: readonly Permission[]): Bounds | undefined {
  const bounds = all.flatMap((each) => each.bounds ?? []);
  const budget = mergeBudgets(bounds.map((each) => each.budget));
  const counted = bounds.reduce((sum, each) => sum + each.counted, 0);
  return budget === undefined ? undefined : { budget, statements: all.length, counted };
}
