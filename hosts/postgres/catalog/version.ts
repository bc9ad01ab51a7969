// What a target is asked to tell whether its catalog is still the one that was read: counts and transaction ids of
// the rows that names, origins and views are made of. Any change of a row moves its sum, any other moves the count.

const version = (rows: string): string =>
  `(SELECT pg_catalog.concat(pg_catalog.count(*), ':',
     pg_catalog.sum(x.xmin::pg_catalog.text::pg_catalog.int8)) FROM pg_catalog.${rows})`;

// Other sessions' temporary tables come and go, and mean nothing here.
const lasting = `JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast_)?temp_'`;
const ofUsers = 'WHERE x.oid OPERATOR(pg_catalog.>=) 16384';

/** One row with one text: equal texts, equal catalogs. */
export const catalogVersionQuery = `SELECT pg_catalog.concat_ws(' ', ${[
  version('pg_namespace x'),
  version(`pg_class x JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) x.oid
    AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}') ${lasting}`),
  version(`pg_attribute x JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) x.attrelid
    AND c.oid OPERATOR(pg_catalog.>=) 16384
    AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}') ${lasting}`),
  version('pg_inherits x'),
  version('pg_rewrite x'),
  version('pg_attrdef x'),
  version(`pg_proc x ${ofUsers}`),
  version(`pg_operator x ${ofUsers}`),
  version(`pg_cast x ${ofUsers}`),
  version(`pg_type x ${ofUsers} AND x.typtype OPERATOR(pg_catalog.<>) 'c'`),
].join(', ')})`;
