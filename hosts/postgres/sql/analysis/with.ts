// WITH: what each of its queries puts out, also where one reads itself.

import type { CommonTableExpr, SelectStmt, WithClause } from 'libpg-query';

import { only, stringsOf } from './ast.ts';
import { deriveFrom, noFlow, sameFlow, untraced } from './flow.ts';
import type { Cte, Output, Scope } from './scope.ts';
import { noOutput, rename, totalFlow, unknownOutput } from './scope.ts';
import type { Walk } from './walk.ts';
import { infer, spend } from './walk.ts';

/** Rounds after which a recursive query's columns count as mixed. */
const roundsMax = 6;
/** In look-ups. */
const roundCost = 1000;

/** Each query sees those before it, or all of them if it is recursive. Returns the names in force after it. */
export function visitWith(walk: Walk, level: Scope, clause: WithClause): Cte | undefined {
  const queries = (clause.ctes ?? []).flatMap((node) => only(node, 'CommonTableExpr') ?? []);
  let known = level.ctes;
  if (clause.recursive === true) {
    // What stands behind its reader is not worked out.
    const output = unknownOutput(untraced);
    for (const query of queries) known = { name: query.ctename ?? '', output, next: known };
  }
  for (const query of queries) {
    const scope: Scope = { outer: level.outer, entries: [], ctes: known };
    const output = outputOf(walk, scope, query, clause.recursive === true);
    known = { name: query.ctename ?? '', output, next: known };
  }
  return known;
}

function outputOf(walk: Walk, scope: Scope, query: CommonTableExpr, isRecursive: boolean): Output {
  const names = stringsOf(query.aliascolnames);
  const select = only(query.ctequery, 'SelectStmt');
  if (select === undefined) {
    const output =
      query.ctequery === undefined ? noOutput : walk.visitors.nested(walk, scope, query.ctequery);
    return rename(output, names);
  }
  const output =
    isRecursive && select.larg !== undefined && select.rarg !== undefined
      ? fixpoint(walk, scope, query, select)
      : rename(walk.visitors.select(walk, scope, select), names);
  if (query.search_clause === undefined && query.cycle_clause === undefined) return output;
  // These sort by columns, compare them and add what they found to the rest.
  const all = deriveFrom(totalFlow(output));
  infer(walk, all);
  return { ...output, complete: false, rest: all };
}

/** The first part's columns, with all that each round of the second part adds to them. */
function fixpoint(walk: Walk, scope: Scope, query: CommonTableExpr, select: SelectStmt): Output {
  const names = stringsOf(query.aliascolnames);
  const { larg, withClause } = select;
  if (withClause !== undefined && larg?.withClause !== undefined) {
    return rename(walk.visitors.select(walk, scope, select), names);
  }
  const first = withClause === undefined ? larg : { ...larg, withClause };
  let output = rename(walk.visitors.select(walk, scope, first ?? {}), names);
  for (let round = 0; round < roundsMax; round += 1) {
    // Queries that read themselves inside others that do are visited again and again.
    spend(walk, roundCost);
    const ctes = { name: query.ctename ?? '', output, next: scope.ctes };
    const next = rename(walk.visitors.select(walk, { ...scope, ctes }, select), names);
    if (isSame(output, next)) return next;
    output = next;
  }
  const mixed = deriveFrom(totalFlow(output));
  infer(walk, mixed);
  return { ...output, flows: output.flows.map(() => mixed), rest: mixed };
}

function isSame(one: Output, other: Output): boolean {
  if (one.complete !== other.complete || one.flows.length !== other.flows.length) return false;
  if (!sameFlow(one.rest, other.rest)) return false;
  return one.flows.every((flow, at) => sameFlow(flow, other.flows[at] ?? noFlow));
}
