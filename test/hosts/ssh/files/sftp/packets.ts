// Packets and questions that several suites need.

import { createHash } from 'node:crypto';

import { expect } from '@jest/globals';

import type { SftpEffect } from '../../../../../hosts/ssh/files/index.ts';
import { encodeSftpRequest, encodeWrite } from '../../../../../hosts/ssh/files/sftp/request.ts';
import { encodeStatus } from '../../../../../hosts/ssh/files/sftp/response.ts';
import { Conversation } from './conversation.ts';

export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

export const ok = (id: number): Buffer => encodeStatus(id, 0, 'Success');

export const writeOf = (id: number, offset: number, content: string, handle = 'H'): Buffer =>
  encodeWrite({ id, handle, offset, bytes: content.length }, Buffer.from(content));

export const readOf = (id: number, offset: number, bytes: number, handle = 'H'): Buffer =>
  encodeSftpRequest({ kind: 'read', id, handle, offset, bytes });

export const closeOf = (id: number): Buffer =>
  encodeSftpRequest({ kind: 'close', id, handle: 'H' });

/** The rule of the last effect, which cuts. */
export function cutRule(talk: Conversation): string | undefined {
  const effects = talk.rest();
  expect(effects.filter(({ kind }) => kind === 'cut')).toHaveLength(1);
  const last = effects.at(-1);
  return last?.kind === 'cut' ? last.rule : undefined;
}

export function opened(flags: number): Conversation {
  const talk = new Conversation();
  talk.open(1, flags);
  return talk;
}

export function transfersAfterClose(talk: Conversation): readonly SftpEffect[] {
  talk.client(closeOf(900));
  talk.target(ok(900));
  return talk.rest('transferred');
}
