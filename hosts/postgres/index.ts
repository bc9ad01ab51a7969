// The door of the PostgreSQL host.

export { PostgresHost } from './host.ts';
export type { PostgresHostOptions } from './host.ts';
export { judgeOffline } from './offline.ts';
export type { OfflineJudgement, OfflineQuestion } from './offline.ts';
