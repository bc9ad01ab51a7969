// File transfers over SSH: SFTP packets, the scp protocol, and the command lines of scp, rsync and git. Bytes in, facts
// and bytes out: no sockets, no policy.

export { fileOperations, type FileFacts, type FileOperation } from './facts.ts';
export { channelRules, requestRules, type ChannelRule, type RequestRule } from './rules.ts';
export { SftpInspector } from './sftp/inspector.ts';
export type { Verdict as FileVerdict } from './sftp/procedure.ts';
export type { SftpEffect, SftpOptions } from './sftp/traffic.ts';
export type { Transferred } from './transfer.ts';
export { recogniseFileCommand, type FileCommand } from './argv/file-command.ts';
export { ScpInspector, type ScpEffect, type ScpOptions } from './scp/inspector.ts';
