// PostgreSQL statement analysis: SQL text to facts, and to what can be masked soundly. No sockets, no policy.

export type {
  Analysed,
  AnalysedStatement,
  AnalyseOptions,
  ColumnUses,
  LexerSettings,
  PostgresFacts,
  Refused,
  RelationFact,
  Transaction,
} from './types.ts';
