// Every statement of the grammar: the name that policies see, and what masks in force allow it to do.

/**
 * `uses`: judged by the columns that it uses. `harmless`: returns and copies no column's values.
 * `definition`: allowed away from masked relations. `opaque`: what it runs cannot be seen, so never under masks.
 */
export type MaskClass = 'uses' | 'harmless' | 'definition' | 'opaque';

export interface Command {
  /** With `*`, the sort of object follows: `DROP TABLE`. */
  readonly name: string;
  readonly masks: MaskClass;
}

const uses = (name: string): Command => ({ name, masks: 'uses' });
const harmless = (name: string): Command => ({ name, masks: 'harmless' });
const definition = (name: string): Command => ({ name, masks: 'definition' });
const opaque = (name: string): Command => ({ name, masks: 'opaque' });

/** By node tag of the parser. A tag that is not here is refused. */
export const commands: Readonly<Record<string, Command>> = {
  SelectStmt: uses('SELECT'),
  InsertStmt: uses('INSERT'),
  UpdateStmt: uses('UPDATE'),
  DeleteStmt: uses('DELETE'),
  MergeStmt: uses('MERGE'),
  CopyStmt: uses('COPY'),
  ExplainStmt: uses('EXPLAIN'),
  PrepareStmt: uses('PREPARE'),
  ExecuteStmt: uses('EXECUTE'),
  DeclareCursorStmt: uses('DECLARE'),
  CreateTableAsStmt: uses('CREATE * AS'),

  TransactionStmt: harmless('BEGIN'),
  VariableSetStmt: harmless('SET'),
  VariableShowStmt: harmless('SHOW'),
  ListenStmt: harmless('LISTEN'),
  UnlistenStmt: harmless('UNLISTEN'),
  NotifyStmt: harmless('NOTIFY'),
  DiscardStmt: harmless('DISCARD'),
  DeallocateStmt: harmless('DEALLOCATE'),
  ClosePortalStmt: harmless('CLOSE'),
  // Its rows are those of a query that was judged as its cursor was declared, and is judged again with it.
  FetchStmt: harmless('FETCH'),
  ConstraintsSetStmt: harmless('SET CONSTRAINTS'),
  LockStmt: harmless('LOCK'),
  TruncateStmt: harmless('TRUNCATE'),
  VacuumStmt: harmless('VACUUM'),
  ReindexStmt: harmless('REINDEX'),
  CheckPointStmt: harmless('CHECKPOINT'),
  RefreshMatViewStmt: harmless('REFRESH MATERIALIZED VIEW'),
  DropStmt: harmless('DROP *'),

  // Its order would show in every later scan.
  ClusterStmt: definition('CLUSTER'),
  CreateStmt: definition('CREATE TABLE'),
  AlterTableStmt: definition('ALTER *'),
  IndexStmt: definition('CREATE INDEX'),
  CreateSchemaStmt: definition('CREATE SCHEMA'),
  CreateSeqStmt: definition('CREATE SEQUENCE'),
  AlterSeqStmt: definition('ALTER SEQUENCE'),
  RenameStmt: definition('ALTER *'),
  AlterObjectSchemaStmt: definition('ALTER *'),
  CommentStmt: definition('COMMENT'),
  GrantStmt: definition('GRANT'),
  CreateStatsStmt: definition('CREATE STATISTICS'),
  AlterStatsStmt: definition('ALTER STATISTICS'),

  DoStmt: opaque('DO'),
  CallStmt: opaque('CALL'),
  LoadStmt: opaque('LOAD'),
  ViewStmt: opaque('CREATE VIEW'),
  RuleStmt: opaque('CREATE RULE'),
  CreateFunctionStmt: opaque('CREATE FUNCTION'),
  AlterFunctionStmt: opaque('ALTER *'),
  CreateTrigStmt: opaque('CREATE TRIGGER'),
  CreateEventTrigStmt: opaque('CREATE EVENT TRIGGER'),
  AlterEventTrigStmt: opaque('ALTER EVENT TRIGGER'),
  CreatePolicyStmt: opaque('CREATE POLICY'),
  AlterPolicyStmt: opaque('ALTER POLICY'),
  DefineStmt: opaque('CREATE *'),
  CreateCastStmt: opaque('CREATE CAST'),
  CreateConversionStmt: opaque('CREATE CONVERSION'),
  CreateTransformStmt: opaque('CREATE TRANSFORM'),
  CreateOpClassStmt: opaque('CREATE OPERATOR CLASS'),
  CreateOpFamilyStmt: opaque('CREATE OPERATOR FAMILY'),
  AlterOpFamilyStmt: opaque('ALTER OPERATOR FAMILY'),
  AlterOperatorStmt: opaque('ALTER OPERATOR'),
  CreateAmStmt: opaque('CREATE ACCESS METHOD'),
  CreatePLangStmt: opaque('CREATE LANGUAGE'),
  CreateRangeStmt: opaque('CREATE TYPE'),
  // One that is called like a built-in type may take its place in casts, and refuse values.
  CreateDomainStmt: opaque('CREATE DOMAIN'),
  CompositeTypeStmt: opaque('CREATE TYPE'),
  CreateEnumStmt: opaque('CREATE TYPE'),
  AlterEnumStmt: opaque('ALTER TYPE'),
  AlterTypeStmt: opaque('ALTER TYPE'),
  AlterDomainStmt: opaque('ALTER DOMAIN'),
  AlterCollationStmt: opaque('ALTER COLLATION'),
  AlterTSDictionaryStmt: opaque('ALTER TEXT SEARCH DICTIONARY'),
  AlterTSConfigurationStmt: opaque('ALTER TEXT SEARCH CONFIGURATION'),
  AlterObjectDependsStmt: opaque('ALTER *'),
  AlterOwnerStmt: opaque('ALTER *'),
  AlterDefaultPrivilegesStmt: opaque('ALTER DEFAULT PRIVILEGES'),
  SecLabelStmt: opaque('SECURITY LABEL'),
  GrantRoleStmt: opaque('GRANT ROLE'),
  CreateRoleStmt: opaque('CREATE ROLE'),
  AlterRoleStmt: opaque('ALTER ROLE'),
  AlterRoleSetStmt: opaque('ALTER ROLE'),
  DropRoleStmt: opaque('DROP ROLE'),
  DropOwnedStmt: opaque('DROP OWNED'),
  ReassignOwnedStmt: opaque('REASSIGN OWNED'),
  CreatedbStmt: opaque('CREATE DATABASE'),
  AlterDatabaseStmt: opaque('ALTER DATABASE'),
  AlterDatabaseSetStmt: opaque('ALTER DATABASE'),
  AlterDatabaseRefreshCollStmt: opaque('ALTER DATABASE'),
  DropdbStmt: opaque('DROP DATABASE'),
  AlterSystemStmt: opaque('ALTER SYSTEM'),
  CreateTableSpaceStmt: opaque('CREATE TABLESPACE'),
  DropTableSpaceStmt: opaque('DROP TABLESPACE'),
  AlterTableSpaceOptionsStmt: opaque('ALTER TABLESPACE'),
  AlterTableMoveAllStmt: opaque('ALTER *'),
  CreateExtensionStmt: opaque('CREATE EXTENSION'),
  AlterExtensionStmt: opaque('ALTER EXTENSION'),
  AlterExtensionContentsStmt: opaque('ALTER EXTENSION'),
  CreateFdwStmt: opaque('CREATE FOREIGN DATA WRAPPER'),
  AlterFdwStmt: opaque('ALTER FOREIGN DATA WRAPPER'),
  CreateForeignServerStmt: opaque('CREATE SERVER'),
  AlterForeignServerStmt: opaque('ALTER SERVER'),
  CreateForeignTableStmt: opaque('CREATE FOREIGN TABLE'),
  CreateUserMappingStmt: opaque('CREATE USER MAPPING'),
  AlterUserMappingStmt: opaque('ALTER USER MAPPING'),
  DropUserMappingStmt: opaque('DROP USER MAPPING'),
  ImportForeignSchemaStmt: opaque('IMPORT FOREIGN SCHEMA'),
  CreatePublicationStmt: opaque('CREATE PUBLICATION'),
  AlterPublicationStmt: opaque('ALTER PUBLICATION'),
  CreateSubscriptionStmt: opaque('CREATE SUBSCRIPTION'),
  AlterSubscriptionStmt: opaque('ALTER SUBSCRIPTION'),
  DropSubscriptionStmt: opaque('DROP SUBSCRIPTION'),
  ReturnStmt: opaque('RETURN'),
};

/** `TransactionStmt.kind` → command and what it does to the transaction block. */
export const transactionKinds = {
  TRANS_STMT_BEGIN: ['BEGIN', 'begin'],
  TRANS_STMT_START: ['BEGIN', 'begin'],
  TRANS_STMT_COMMIT: ['COMMIT', 'commit'],
  TRANS_STMT_ROLLBACK: ['ROLLBACK', 'rollback'],
  TRANS_STMT_SAVEPOINT: ['SAVEPOINT', 'savepoint'],
  TRANS_STMT_RELEASE: ['RELEASE', 'release'],
  TRANS_STMT_ROLLBACK_TO: ['ROLLBACK TO', 'rollback-to'],
  TRANS_STMT_PREPARE: ['PREPARE TRANSACTION', 'prepare'],
  TRANS_STMT_COMMIT_PREPARED: ['COMMIT PREPARED', null],
  TRANS_STMT_ROLLBACK_PREPARED: ['ROLLBACK PREPARED', null],
} as const;

const objectNames: Readonly<Record<string, string>> = {
  OBJECT_MATVIEW: 'MATERIALIZED VIEW',
  OBJECT_FDW: 'FOREIGN DATA WRAPPER',
  OBJECT_FOREIGN_SERVER: 'SERVER',
  OBJECT_OPCLASS: 'OPERATOR CLASS',
  OBJECT_OPFAMILY: 'OPERATOR FAMILY',
  OBJECT_STATISTIC_EXT: 'STATISTICS',
  OBJECT_TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
  OBJECT_TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
  OBJECT_TSPARSER: 'TEXT SEARCH PARSER',
  OBJECT_TSTEMPLATE: 'TEXT SEARCH TEMPLATE',
  OBJECT_COLUMN: 'TABLE',
  OBJECT_TABCONSTRAINT: 'TABLE',
  OBJECT_DOMCONSTRAINT: 'DOMAIN',
  OBJECT_ATTRIBUTE: 'TYPE',
};

/** The words after DROP, ALTER or CREATE for an `ObjectType`. */
export const objectName = (type: string): string =>
  objectNames[type] ?? type.replace(/^OBJECT_/, '').replaceAll('_', ' ');
