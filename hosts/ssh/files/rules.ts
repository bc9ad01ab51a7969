// What a peer of a file transfer may do wrong, by name, and what it is told.

import { statusCodes } from './sftp/packet-types.ts';

const { noSuchFile, permissionDenied, failure, badMessage, unsupported } = statusCodes;

/** Requests that are answered with this status and never reach the target. */
export const requestRules = {
  'packet-malformed': [badMessage, 'a field runs past the packet, or bytes stand behind the last'],
  'packet-unknown': [unsupported, 'the type of request is not known'],
  'extension-unknown': [
    unsupported,
    'the extension is not on the list, or the target did not announce it',
  ],
  'path-utf8': [badMessage, 'a path is not UTF-8'],
  'path-nul': [badMessage, 'a path has a NUL, where some servers end it'],
  'path-length': [badMessage, 'a path is longer than 4096 bytes'],
  'path-empty': [noSuchFile, 'a path is empty'],
  'path-name': [
    failure,
    'a name is created, removed or moved, and the path ends in none: `.`, `..` or `/`',
  ],
  'open-flags': [
    badMessage,
    'a file is opened for neither reading nor writing, or with an unknown flag',
  ],
  'attributes-flags': [badMessage, 'attributes have an unknown flag, or extended attributes'],
  'offset-range': [badMessage, 'an offset or a size is beyond 2^53'],
  'handle-unknown': [failure, 'the handle is not open'],
  'handle-access': [permissionDenied, 'the handle was not opened for this'],
  'handles-max': [failure, 'too many handles are open'],
  'symlink-order': [
    unsupported,
    'the target is not known to read the two paths of a link in the order of OpenSSH',
  ],
  'target-path': [failure, 'the target did not resolve the path to one absolute path'],
} as const;

export type RequestRule = keyof typeof requestRules;

/** What ends the channel: after it the bytes of that peer mean nothing certain. */
export const channelRules = {
  'packet-length': 'a packet of the client is empty or larger than the limit',
  'packet-id': 'a request of the client is too short for its number',
  'init-missing': 'the client does not begin with INIT',
  'init-version': 'the client speaks no version that is at least 3',
  'init-twice': 'the client sends INIT again',
  'request-id-reused': 'the client numbers a request like one that is still unanswered',
  'backlog-max': 'the client sends on although it was not asked for more',
  'target-packet-length': 'a packet of the target is empty or larger than the limit',
  'target-packet-malformed': 'a packet of the target does not hold what its type says',
  'target-packet-unknown': 'the target sends a type of packet that is no answer',
  'target-version': 'the target does not answer INIT with version 3',
  'target-request-id': 'the target answers what was not asked',
  'target-answer': 'the target answers with a type that does not fit the request',
  'target-handle': 'the target gives out a handle that is open, empty or too long',
  'target-data': 'the target sends more data than was asked for',
  'target-name': 'the target lists a name with a slash or a NUL',
  'scp-line': 'a line of the scp protocol is not one of `C`, `D`, `E`, `T` in the form of OpenSSH',
  'scp-line-length': 'a line of the scp protocol is longer than the limit',
  'scp-name': 'a name is empty, `.` or `..`, has a slash or a control character, or is not UTF-8',
  'scp-depth': 'directories are nested too deep, or one ends that did not begin',
  'scp-directory': 'a directory comes although the command is not recursive',
  'scp-answer': 'the receiver answers when nothing was asked, or neither yes nor no',
} as const;

export type ChannelRule = keyof typeof channelRules;

/** A request that its rule refuses. Its text holds nothing that the peer sent. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
  readonly rule: RequestRule;

  constructor(rule: RequestRule) {
    super(requestRules[rule][1]);
    this.rule = rule;
  }
}

/** A stream that cannot be read on. Its text holds nothing that the peer sent. */
export class BrokenChannel extends Error {
  override readonly name = 'BrokenChannel';
  readonly rule: ChannelRule;

  constructor(rule: ChannelRule) {
    super(channelRules[rule]);
    this.rule = rule;
  }
}
