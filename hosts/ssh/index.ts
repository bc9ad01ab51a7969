// The door of the SSH host.

export { SshHost } from './host.ts';
export { readHostKeys } from './host-key-files.ts';
export { judgeCommandOffline } from './offline.ts';
export { openTarget } from './upstream/index.ts';
export { decodePublicKey, formatPublicKeyLine, isPublicKeyLine } from './wire/index.ts';
