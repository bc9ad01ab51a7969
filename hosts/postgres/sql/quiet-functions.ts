// Built-in functions that neither fail nor choose: no error, number of rows or size of a result depends on anything of
// their arguments but their size, so that masking the result whole hides all of them. What is reviewed and not here tells
// something: its masked arguments count as inferred. What lets a value out by another way than its result is at the end.

import type { Catalog } from './catalog.ts';
import { isReviewed } from './reviewed-functions.ts';

const words = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split(/\s+/).filter((word) => word !== '')));

/**
 * Left out: functions with lengths, patterns, formats or keys that they refuse; those that compare, such as `max`, or
 * compute numbers, such as `sum`: with values of the caller's beside a masked one, the size of what they choose tells.
 */
const quiet = words(
  `any_value char_length character_length concat concat_ws count first_value initcap json_agg json_build_array
   json_build_object jsonb_agg jsonb_build_array jsonb_build_object lag last_value lead length lower md5 octet_length
   pg_typeof reverse row_to_json string_agg to_json to_jsonb upper`,
);

/** With one argument; others are characters to look for. */
export const quietAlone: ReadonlySet<string> = words('btrim length ltrim rtrim');

/** Arrays of arrays must have the same dimensions. */
const quietOfScalars = words('array_agg');

const textual = [25, 1043, 1042, 19];
/** text, varchar, bpchar, name. */
export const textTypes: ReadonlySet<number> = new Set(textual);

/** And int2, int4, int8, numeric, float4, float8, bool, bytea, oid, json, jsonb, date, time, timetz, timestamp, timestamptz, interval, uuid, inet, cidr. */
export const scalarTypes: ReadonlySet<number> = new Set([
  ...textual,
  ...[
    21, 23, 20, 1700, 700, 701, 16, 17, 26, 114, 3802, 1082, 1083, 1266, 1114, 1184, 1186, 2950,
    869, 650,
  ],
]);

/** Reviewed functions that leave traces of their arguments outside their result, or of their result in time. */
const traces = words(
  `nextval pg_notify pg_sleep pg_sleep_for pg_sleep_until set_config setseed setval pg_advisory_lock
   pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_shared pg_advisory_xact_lock
   pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
   pg_try_advisory_xact_lock_shared`,
);

/**
 * What a call does with its arguments. `quiet`: it computes from them, if they are of these types. `telling`: an error or the number of rows may
 * tell of them, too. `loose`: they may go anywhere.
 */
export type CallClass =
  | { readonly kind: 'quiet'; readonly types: ReadonlySet<number> | undefined }
  | { readonly kind: 'telling' | 'loose' };

/** @param name as facts write it */
export function classOfCall(name: string, catalog: Catalog): CallClass {
  if (!isReviewed(name, catalog)) return { kind: 'loose' };
  const word = name.replace(/^pg_catalog\./, '');
  if (traces.has(word)) return { kind: 'loose' };
  if (quiet.has(word) || quietAlone.has(word)) return { kind: 'quiet', types: undefined };
  if (quietOfScalars.has(word)) return { kind: 'quiet', types: scalarTypes };
  return { kind: 'telling' };
}
