// What is asked of a target to learn its catalog, or what it says of some objects. Every name is qualified, so neither
// search_path nor a temporary object can answer instead. Works from PostgreSQL 12 on.

// Relations whose rows hold samples of other tables' values or other sessions' statements. Built-in objects
// record no dependencies, so views on these are found by the object ids in their stored tree.
const leakyRelations = `'pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_stats', 'pg_stats_ext',
  'pg_stats_ext_exprs', 'pg_stat_activity', 'pg_stat_subscription', 'pg_stat_replication'`;

// Built-in functions that run SQL, read tables by name, read files or show other sessions.
const leakyFunctions =
  '^(query|table|schema|database|cursor)_to_xml|^pg_read_|^pg_ls_|^lo_get$|^loread$|^pg_stat_get_activity$';

/** In the order in which they are read and saved: what says more of a relation comes behind the relation itself. */
export const rowSets = [
  ...(['relations', 'columns', 'inherits', 'rules'] as const),
  ...(['callers', 'generated', 'names', 'definitions'] as const),
] as const;

export type RowSet = (typeof rowSets)[number];

/** What `only` some objects mean in a query: a condition on a column with their oids. */
type Only = (column: string) => string;

const all: Only = () => 'true';

const oidArray = (oids: Iterable<number>): string => `'{${[...oids].join(',')}}'::pg_catalog.oid[]`;

// Of what a view is made of: relations, functions, operators and types.
const namedClasses = `ARRAY['pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
  'pg_catalog.pg_operator'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass]::pg_catalog.oid[]`;

/** A query for text results; of `only` the objects of these oids where rows belong to one, otherwise of all. */
export function catalogQuery(set: RowSet, only?: ReadonlySet<number>): string {
  if (only === undefined) return queries[set](all);
  const array = oidArray(only);
  if (set === 'definitions') {
    return queries[set]((column) => definitionsThatName(column, array));
  }
  return queries[set]((column) => `${column} OPERATOR(pg_catalog.=) ANY (${array})`);
}

/** Views among the objects, and those whose definitions name one of them. */
const definitionsThatName = (view: string, objects: string): string =>
  `(${view} OPERATOR(pg_catalog.=) ANY (${objects}) OR ${view} OPERATOR(pg_catalog.=) ANY (
       ARRAY(SELECT r.ev_class FROM pg_catalog.pg_depend d
         JOIN pg_catalog.pg_rewrite r ON r.oid OPERATOR(pg_catalog.=) d.objid
         WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass
           AND d.refclassid OPERATOR(pg_catalog.=) ANY (${namedClasses})
           AND d.refobjid OPERATOR(pg_catalog.=) ANY (${objects}))))`;

const queries: Readonly<Record<RowSet, (only: Only) => string>> = {
  // oid, schema, name, kind, has rewrite rules that are not a view's own
  relations: (only) => `
   SELECT c.oid, n.nspname, c.relname, c.relkind,
     EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r
       WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid AND r.ev_type OPERATOR(pg_catalog.<>) '1')
   FROM pg_catalog.pg_class c
   JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
   WHERE ${only('c.oid')} AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}')
     AND n.nspname OPERATOR(pg_catalog.<>) 'pg_toast'
     AND n.nspname OPERATOR(pg_catalog.!~) '^pg_toast_temp_'`,
  // relation, number, name, type, how generated
  columns: (only) => `
   SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attgenerated
   FROM pg_catalog.pg_attribute a
   JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
   WHERE ${only('a.attrelid')} AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
     AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}')
   ORDER BY a.attrelid, a.attnum`,
  // inheritance and partitions: child, parent
  inherits: () => `SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits`,
  // views and rules: relation with the rule, relation that the rule reads or writes
  rules: (only) => `
   SELECT DISTINCT r.ev_class, d.refobjid
   FROM pg_catalog.pg_rewrite r
   JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid
     AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
   WHERE ${only('r.ev_class')} AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class`,
  // views and rules that call functions of users, or built-in ones that read more than their arguments. One pattern for
  // all of these: a look for each through each definition takes minutes where there are some thousand views
  callers: (only) => `
   SELECT DISTINCT r.ev_class
   FROM pg_catalog.pg_rewrite r
   JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid
     AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
     AND d.refobjid OPERATOR(pg_catalog.>=) 16384
   WHERE ${only('r.ev_class')}
   UNION
   SELECT r.ev_class
   FROM pg_catalog.pg_rewrite r
   WHERE ${only('r.ev_class')} AND r.oid OPERATOR(pg_catalog.>=) 16384
     AND r.ev_action::text OPERATOR(pg_catalog.~) (
       SELECT pg_catalog.concat(':(funcid (', pg_catalog.string_agg(p.oid::text, '|'), ')|relid (',
         (SELECT pg_catalog.string_agg(c.oid::text, '|') FROM pg_catalog.pg_class c
          WHERE c.relnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace
            AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[${leakyRelations}]::pg_catalog.name[])), ')) ')
       FROM pg_catalog.pg_proc p
       WHERE p.pronamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace
         AND p.proname OPERATOR(pg_catalog.~) '${leakyFunctions}')`,
  // relation, number, number of a column that it is computed from
  generated: (only) => `
   SELECT DISTINCT d.refobjid, s.adnum, d.refobjsubid
   FROM pg_catalog.pg_attrdef s
   JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) s.adrelid
     AND a.attnum OPERATOR(pg_catalog.=) s.adnum AND a.attgenerated OPERATOR(pg_catalog.<>) ''
   JOIN pg_catalog.pg_depend d ON d.refobjid OPERATOR(pg_catalog.=) s.adrelid
     AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
     AND ((d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_attrdef'::pg_catalog.regclass
         AND d.objid OPERATOR(pg_catalog.=) s.oid)
       OR (d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
         AND d.objid OPERATOR(pg_catalog.=) s.adrelid
         AND d.objsubid OPERATOR(pg_catalog.=) s.adnum))
   WHERE ${only('s.adrelid')} AND d.refobjsubid OPERATOR(pg_catalog.>) 0
     AND d.refobjsubid OPERATOR(pg_catalog.<>) s.adnum`,
  // functions, operators, types with casts and types that users defined: sort of object, name
  names: () => `
   SELECT DISTINCT 'function', p.proname::text FROM pg_catalog.pg_proc p
   WHERE p.oid OPERATOR(pg_catalog.>=) 16384
   UNION ALL
   SELECT DISTINCT 'operator', o.oprname::text FROM pg_catalog.pg_operator o
   WHERE o.oid OPERATOR(pg_catalog.>=) 16384
   UNION ALL
   SELECT DISTINCT 'type', t.typname::text FROM pg_catalog.pg_type t
   WHERE t.oid OPERATOR(pg_catalog.>=) 16384 AND t.typtype OPERATOR(pg_catalog.<>) 'c'
   UNION ALL
   SELECT DISTINCT 'cast', t.typname::text FROM pg_catalog.pg_cast k
   JOIN pg_catalog.pg_type t
     ON t.oid OPERATOR(pg_catalog.=) k.castsource OR t.oid OPERATOR(pg_catalog.=) k.casttarget
   WHERE k.oid OPERATOR(pg_catalog.>=) 16384 AND k.castfunc OPERATOR(pg_catalog.<>) 0
     AND (t.oid OPERATOR(pg_catalog.>=) 16384
       OR (k.castsource OPERATOR(pg_catalog.<) 16384 AND k.casttarget OPERATOR(pg_catalog.<) 16384))`,
  // views of users: relation, definition. Without a search_path every name in it is qualified; the setting ends with
  // the transaction, and the condition is evaluated before the definition is asked for
  definitions: (only) => `
   SELECT c.oid, pg_catalog.pg_get_viewdef(c.oid)
   FROM pg_catalog.pg_class c
   WHERE pg_catalog.set_config('search_path', '', true) OPERATOR(pg_catalog.=) ''
     AND ${only('c.oid')}
     AND c.relkind OPERATOR(pg_catalog.=) ANY ('{v,m}') AND c.oid OPERATOR(pg_catalog.>=) 16384`,
};

/** Of everything, in the order of `rowSets`: give all row sets to `buildCatalog`. */
export const catalogQueries: readonly string[] = rowSets.map((set) => catalogQuery(set));
