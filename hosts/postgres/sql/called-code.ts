// Code that a statement runs and that could read anything: under masks only what is reviewed may run.

import type { Catalog } from './catalog.ts';
import { isReviewed } from './reviewed-functions.ts';
import type { AnalysedStatement } from './types.ts';

export interface Unreviewed {
  readonly message: string;
  readonly hint: string;
}

/** The first function, operator or cast that is not known to see its arguments only. */
export function denyCode(statement: AnalysedStatement, catalog: Catalog): Unreviewed | undefined {
  for (const name of statement.functions) {
    if (!isReviewed(name, catalog)) {
      return {
        message: `the function ${name} may read masked columns`,
        hint: 'under masks only built-in functions that see nothing but their arguments can be called',
      };
    }
  }
  for (const name of statement.operators) {
    if (catalog.userOperators.has(name)) {
      return {
        message: `the operator ${name} is user-defined`,
        hint: 'write OPERATOR(pg_catalog.…) instead',
      };
    }
  }
  for (const name of statement.casts) {
    if (catalog.userCasts.has(name)) {
      return { message: `the cast to ${name} is user-defined`, hint: 'leave the cast out' };
    }
  }
  return undefined;
}
