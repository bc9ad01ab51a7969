// The door of the HTTP host.

export { HttpHost } from './host.ts';
export type { HttpHostOptions } from './host.ts';
export { judgeRequestOffline } from './offline.ts';
export type { OfflineRequest } from './offline.ts';
