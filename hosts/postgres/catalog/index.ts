// What the gateway knows of a target database, and how it stays true: read, compared, saved.

export type { CalledFunction } from './function-by-oid.ts';
export { refusedPrivileges } from './role-privileges.ts';
export { TargetCatalog } from './target-catalog.ts';
