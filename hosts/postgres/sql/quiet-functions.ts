// Built-in functions that neither fail nor tell by their number of rows what their arguments were, so that masking
// their result whole hides all of it. What is reviewed and not here tells something: its masked arguments count as
// inferred. What lets a value out by another way than its result is at the end.

import type { Catalog } from './catalog.ts';
import { isReviewed } from './reviewed-functions.ts';

const words = (...lists: readonly string[]): ReadonlySet<string> =>
  new Set(lists.flatMap((list) => list.split(/\s+/).filter((word) => word !== '')));

/** Of arguments of any built-in type. Left out: functions with lengths, patterns, formats or keys that they refuse. */
const quiet = words(
  `any_value char_length character_length coalesce concat concat_ws count first_value
   json_agg jsonb_agg json_build_array json_build_object
   jsonb_build_array jsonb_build_object lag last_value lead length lower ltrim btrim rtrim max md5 min
   octet_length pg_typeof quote_literal quote_nullable reverse row_to_json string_agg to_json to_jsonb upper initcap`,
);

/** Of numbers only: sums of money and of intervals overflow, and the error would tell how much there is. */
const quietOfNumbers = words('avg sum');

/** Arrays of arrays must have the same dimensions. */
const quietOfScalars = words('array_agg');

/** int2, int4, int8, numeric, float4, float8. */
export const numberTypes: ReadonlySet<number> = new Set([21, 23, 20, 1700, 700, 701]);

const textual = [25, 1043, 1042, 19];
/** text, varchar, bpchar, name. */
export const textTypes: ReadonlySet<number> = new Set(textual);

/** And bool, bytea, oid, json, jsonb, date, time, timetz, timestamp, timestamptz, interval, uuid, inet, cidr. */
export const scalarTypes: ReadonlySet<number> = new Set([
  ...textual,
  ...numberTypes,
  ...[16, 17, 26, 114, 3802, 1082, 1083, 1266, 1114, 1184, 1186, 2950, 869, 650],
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
  if (quiet.has(word)) return { kind: 'quiet', types: undefined };
  if (quietOfNumbers.has(word)) return { kind: 'quiet', types: numberTypes };
  if (quietOfScalars.has(word)) return { kind: 'quiet', types: scalarTypes };
  return { kind: 'telling' };
}
