// A small catalog by hand: what `catalogQueries` would answer for a shop's database.

import { buildCatalog } from '../../../../hosts/postgres/sql/index.ts';
import type { CatalogRow, CatalogRows } from '../../../../hosts/postgres/sql/index.ts';

const tables: readonly (readonly [number, string, string, string, string])[] = [
  [100, 'public', 'users', 'r', 'id name email ssn email_lower'],
  [101, 'public', 'orders', 'r', 'id user_id total note'],
  [102, 'public', 'contacts', 'r', 'id email'],
  [103, 'crm', 'people', 'r', 'id email phone'],
  [104, 'hr', 'salaries', 'r', 'id user_id amount'],
  [105, 'public', 'v_users', 'v', 'id email'],
  [106, 'public', 'vv_users', 'v', 'id email'],
  [107, 'public', 'v_orders', 'v', 'id total'],
  [108, 'public', 'v_call', 'v', 'x'],
  [109, 'public', 'events', 'p', 'id email at'],
  [110, 'public', 'events_1', 'r', 'id email at'],
  [111, 'public', 'vip', 'r', 'id name email ssn email_lower level'],
  [112, 'public', 'log', 'r', 'id msg'],
  [113, 'public', 'mv_users', 'm', 'id'],
  [114, 'pg_temp_3', 'scratch', 'r', 'id email'],
  [115, 'public', 'notes', 'r', 'id body'],
  [116, 'crm', 'notes', 'r', 'id body author'],
  [117, 'public', 'odd', 'r', 'id to_json'],
  [118, 'crm', 'odd', 'r', 'id secret'],
  [119, 'public', 'v_stats', 'v', 'x'],
  [120, 'public', 'order_ids', 'S', 'last_value log_cnt is_called'],
  [50, 'pg_catalog', 'pg_settings', 'v', 'name setting unit'],
  [51, 'pg_catalog', 'pg_class', 'r', 'oid relname relnamespace relkind'],
  [52, 'pg_catalog', 'pg_stats', 'v', 'tablename attname most_common_vals'],
  [53, 'pg_catalog', 'pg_stat_activity', 'v', 'pid query'],
  [54, 'pg_catalog', 'pg_namespace', 'r', 'oid nspname'],
];

const relations = tables.map(([oid, schema, name, kind]): CatalogRow => {
  const rules = name === 'log' ? 't' : 'f';
  return [String(oid), schema, name, kind, rules];
});
const columns = tables.flatMap(([oid, , , , names]) =>
  names
    .split(' ')
    .map((name, at): CatalogRow => [
      ...[String(oid), String(at + 1), name, '25'],
      name === 'email_lower' ? 's' : '',
    ]),
);

export const shopRows: CatalogRows = [
  relations,
  columns,
  [
    ['110', '109'],
    ['111', '100'],
  ],
  [
    ['105', '100'],
    ['106', '105'],
    ['107', '101'],
    ['112', '100'],
    ['113', '100'],
    ['119', '52'],
  ],
  [['108']],
  [['100', '5', '3']],
  [
    ['function', 'leak'],
    ['function', 'lower_email'],
    ['function', 'upper'],
    ['operator', '@@@'],
    ['cast', 'mood'],
  ],
  [
    ['105', ' SELECT users.id, users.email FROM public.users;'],
    ['106', ' SELECT v_users.id, v_users.email FROM public.v_users;'],
    ['107', ' SELECT orders.id, orders.total FROM public.orders;'],
    ['108', ' SELECT public.leak(1) AS x;'],
    ['113', ' SELECT users.id FROM public.users;'],
    ['119', ' SELECT (pg_stats.most_common_vals)::text AS x FROM pg_stats;'],
  ],
];

export const shop = buildCatalog(shopRows);

export const safe = {
  settings: { standardConformingStrings: 'on', clientEncoding: 'UTF8' },
  statementBytesMax: 256 * 1024,
} as const;
