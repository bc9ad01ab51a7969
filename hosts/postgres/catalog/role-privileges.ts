// What the gateway's role at a target may do that no policy can take back: it reaches files and programs of the server,
// other roles' rights, or rows behind row security, by means that no statement shows.

import { UpstreamError } from '#engine';

import type { CatalogRows } from '../sql/index.ts';

const me = 'FROM pg_catalog.pg_roles me WHERE me.rolname OPERATOR(pg_catalog.=) session_user';
const attributes = `(VALUES ('SUPERUSER', r.rolsuper), ('CREATEROLE', r.rolcreaterole),
  ('REPLICATION', r.rolreplication), ('BYPASSRLS', r.rolbypassrls)) AS a (name, given)`;
const serverRoles = `'{pg_read_server_files,pg_write_server_files,pg_execute_server_program}'`;
const fileFunctions = `'{lo_import,lo_export,pg_read_file,pg_read_binary_file}'`;
const isMember = `pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')`;

/**
 * Rows of one text each. Privileges of roles that the gateway's is a member of count: SET ROLE reaches them in code that
 * nobody looks into. A superuser has them all, so that is said alone.
 */
export const rolePrivilegesQuery = `
  SELECT 'SUPERUSER' ${me} AND me.rolsuper
  UNION ALL
  SELECT x.text FROM (
    SELECT CASE WHEN r.rolname OPERATOR(pg_catalog.=) session_user THEN a.name
      ELSE pg_catalog.concat(a.name, ' by membership in ', r.rolname) END
    FROM pg_catalog.pg_roles r CROSS JOIN LATERAL ${attributes}
    WHERE a.given AND ${isMember}
    UNION ALL
    SELECT r.rolname FROM pg_catalog.pg_roles r
    WHERE r.rolname OPERATOR(pg_catalog.=) ANY (${serverRoles}::pg_catalog.name[]) AND ${isMember}
    UNION ALL
    SELECT DISTINCT pg_catalog.concat('EXECUTE on ', p.proname) FROM pg_catalog.pg_proc p
    WHERE p.proname OPERATOR(pg_catalog.=) ANY (${fileFunctions}::pg_catalog.name[])
      AND p.pronamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace
      AND pg_catalog.has_function_privilege(session_user, p.oid, 'EXECUTE')
  ) AS x (text)
  WHERE NOT EXISTS (SELECT 1 ${me} AND me.rolsuper)`;

/** @param rows of `rolePrivilegesQuery`; without any there is no error */
export function refusedPrivileges(
  role: string,
  rows: CatalogRows[number],
): UpstreamError | undefined {
  const found = rows.map(([text]) => text ?? '');
  if (found.length === 0) return undefined;
  return new UpstreamError(
    'upstream-refused',
    `the gateway's role ${role} has privileges that no policy can bound: ${found.join(', ')}`,
    { hint: 'give the target a role made as docs/reference/postgres-targets.md says' },
  );
}
