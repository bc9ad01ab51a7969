// The door of the SSH host.

export { SshHost } from './host.ts';
export { judgeCommandOffline } from './offline.ts';
