// PostgreSQL statement analysis: SQL text to facts, and to what can be masked soundly. No sockets, no policy.

export type {
  Analysed,
  AnalysedStatement,
  AnalyseOptions,
  ColumnUses,
  DefinedName,
  LexerSettings,
  PostgresFacts,
  Refused,
  RunName,
  RelationFact,
  SoFarFacts,
  Transaction,
} from './types.ts';
export { analyse } from './analyse.ts';
export { analyseAgain, frozen } from './analysis-cache.ts';
export { AnalysisThread, threadTextMin } from './analysis-thread.ts';
export { buildCatalog, catalogFromJson, catalogOf, emptyCatalog } from './build-catalog.ts';
export { changeFacts, FactsReader, rowsOf } from './catalog-facts.ts';
export type { CatalogFacts, CatalogRow, CatalogRows } from './catalog-facts.ts';
export { catalogQueries, catalogQuery, rowSets } from './catalog-queries.ts';
export type { RowSet } from './catalog-queries.ts';
export type { Catalog, Column, Relation } from './catalog.ts';
export { decodeSql } from './parser.ts';
export { provenSafe } from './analysis/settings.ts';
export type { CopyLayout } from './analysis/copy-layout.ts';
export { planMasks, readsTablesOnly } from './mask-plan.ts';
export type { MaskDemand, MaskPlan, ResultColumn, ResultMasks } from './mask-plan.ts';
export type { MaskedOrigins } from './sensitive.ts';
