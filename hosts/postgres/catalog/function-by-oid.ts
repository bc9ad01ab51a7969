// What a function is called whose number a FunctionCall names: what policies know of functions is their names.

import type { CatalogRows } from '../sql/index.ts';

export interface CalledFunction {
  readonly schema: string;
  readonly name: string;
  readonly parameters: number;
}

/**
 * One row, or none where there is no such function or no SELECT could call it so: procedures, aggregates, window functions
 * and sets, which older servers do not refuse; and what takes pseudo-types, which is handed NULL for them unchecked.
 */
export const functionQuery = (oid: number): string =>
  `SELECT n.nspname, p.proname, p.pronargs
   FROM pg_catalog.pg_proc p
   JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
   WHERE p.oid OPERATOR(pg_catalog.=) '${oid}'::pg_catalog.oid
     AND p.prokind OPERATOR(pg_catalog.=) 'f' AND NOT p.proretset
     AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type t
       WHERE t.oid OPERATOR(pg_catalog.=) ANY (p.proargtypes) AND t.typtype OPERATOR(pg_catalog.=) 'p')`;

/** @param rows of `functionQuery` */
export function functionIn([row]: CatalogRows[number]): CalledFunction | undefined {
  const [schema, name, parameters] = row ?? [];
  if (typeof schema !== 'string' || typeof name !== 'string') return undefined;
  return { schema, name, parameters: Number(parameters) };
}
