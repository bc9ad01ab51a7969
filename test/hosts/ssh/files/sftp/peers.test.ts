import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { SftpInspector, type SftpEffect } from '../../../../../hosts/ssh/files/index.ts';
import { openFlags } from '../../../../../hosts/ssh/files/sftp/packet-types.ts';
import { encodeSftpRequest } from '../../../../../hosts/ssh/files/sftp/request.ts';
import { encodeData, encodeSftpResponse } from '../../../../../hosts/ssh/files/sftp/response.ts';
import { Conversation, nameOf } from './conversation.ts';
import {
  closeOf,
  cutRule,
  ok,
  opened,
  readOf,
  sha256,
  transfersAfterClose,
  writeOf,
} from './packets.ts';

const { read, write } = openFlags;

describe('a client', () => {
  it('is cut when it numbers a request like one that is unanswered', () => {
    const talk = opened(write);
    talk.client(Buffer.concat([writeOf(2, 0, 'x'), writeOf(2, 1, 'y')]));
    expect(talk.bytes('to-target')).toEqual(writeOf(2, 0, 'x'));
    expect(cutRule(talk)).toBe('request-id-reused');
  });

  it('waits when too many requests are unanswered, in bounded memory', () => {
    const talk = new Conversation({ requestsMax: 10 });
    talk.open(1, read);
    const requests = Array.from({ length: 100_000 }, (_, index) => readOf(100 + index, 0, 1));
    talk.client(Buffer.concat(requests));
    expect(talk.inspector.wantsClient).toBe(false);
    expect(talk.packets('to-target')).toHaveLength(10);
    for (const id of [100, 101, 102]) talk.target(encodeData(id, Buffer.from('x')));
    expect(talk.packets('to-target')).toHaveLength(3);
  });

  it('gets answers to what it asked before, while a request of it is held', () => {
    const talk = opened(read);
    talk.client(readOf(2, 0, 5));
    talk.bytes('to-target');
    talk.request({ kind: 'remove', id: 3, path: '/x' });
    talk.resolve('/');
    talk.client(readOf(4, 5, 5));
    talk.target(encodeData(2, Buffer.from('hello')));
    expect(talk.bytes('to-client')).toEqual(encodeData(2, Buffer.from('hello')));
    expect(talk.bytes('to-target')).toHaveLength(0);
    expect(talk.inspector).toMatchObject({ wantsClient: false, clientIdle: false });
    talk.allow();
    const [removal, request] = talk.packets('to-target');
    expect(removal).toEqual(encodeSftpRequest({ kind: 'remove', id: 3, path: '/x' }));
    expect(request).toEqual(readOf(4, 5, 5));
    expect(talk.inspector).toMatchObject({ wantsClient: true, clientIdle: true });
  });

  it('may leave while a request of it is held', () => {
    const talk = opened(read);
    talk.request({ kind: 'remove', id: 3, path: '/x' });
    talk.resolve('/');
    expect(talk.inspector.end()).toMatchObject([{ kind: 'transferred', closed: false }]);
    expect(talk.inspector.decide({ kind: 'allow' })).toEqual([]);
    expect(talk.inspector.fromTarget(ok(3))).toEqual([]);
  });

  it('is cut when it sends on and on although it was told to wait', () => {
    const talk = new Conversation({ backlogBytesMax: 1000 });
    talk.request({ kind: 'stat', id: 1, path: '/' });
    talk.client(Buffer.alloc(900));
    expect(talk.rest('cut')).toEqual([]);
    talk.client(Buffer.alloc(101));
    expect(talk.rest('cut')).toEqual([{ kind: 'cut', rule: 'backlog-max' }]);
  });

  it('is cut when a request has no room for its number', () => {
    const talk = new Conversation();
    talk.client(Buffer.from('0000000411000000', 'hex'));
    expect(cutRule(talk)).toBe('packet-id');
  });

  it('is told the smaller limits of the two', () => {
    const talk = new Conversation({ packetBytesMax: 1 << 18, handlesMax: 100 });
    talk.request({ kind: 'limits', id: 1 });
    const body = Buffer.alloc(32);
    body.writeBigUInt64BE(1n << 40n, 0);
    body.writeBigUInt64BE(1000n, 8);
    body.writeBigUInt64BE(0xffff_ffff_ffff_ffffn, 24);
    talk.answer({ kind: 'extended-reply', id: 1, body });
    const [answer] = talk.answers();
    expect(answer?.kind).toBe('extended-reply');
    const limits = Array.from({ length: 4 }, (_, index) =>
      Number((answer as { body: Buffer }).body.readBigUInt64BE(8 * index)),
    );
    expect(limits).toEqual([1 << 18, 1000, (1 << 18) - 1024, 100]);
  });
});

describe('a target is cut', () => {
  it.each([
    ['for an answer that nobody asked for', ok(77), 'target-request-id'],
    ['for a second answer', Buffer.concat([ok(2), ok(2)]), 'target-request-id'],
    ['for data that nobody asked for', encodeData(77, Buffer.from('x')), 'target-request-id'],
    ['for data in place of a status', encodeData(2, Buffer.from('x')), 'target-answer'],
    [
      'for a handle in place of a status',
      encodeSftpResponse({ kind: 'handle', id: 2, handle: 'x' }),
      'target-answer',
    ],
    [
      'for attributes in place of data',
      encodeSftpResponse({ kind: 'attrs', id: 3, attributes: {} }),
      'target-answer',
    ],
    ['for more data than was asked for', encodeData(3, Buffer.from('12345678901')), 'target-data'],
    ['for a request', readOf(3, 0, 1), 'target-packet-unknown'],
    [
      'for bytes behind the last field',
      Buffer.from('0000000d6600000004000000015858 5858'.replace(' ', ''), 'hex'),
      'target-packet-malformed',
    ],
    ['for a length of nothing', Buffer.alloc(4), 'target-packet-length'],
    ['for a length beyond the limit', Buffer.from('0004000165', 'hex'), 'target-packet-length'],
    [
      'for data shorter than its packet',
      Buffer.from('0000000b6700000003000000015858', 'hex'),
      'target-packet-malformed',
    ],
  ])('%s', (_, answer, rule) => {
    const talk = opened(read | write);
    talk.client(Buffer.concat([writeOf(2, 0, 'x'), readOf(3, 0, 10)]));
    talk.rest();
    talk.target(answer);
    expect(cutRule(talk)).toBe(rule);
    expect(talk.inspector.fromClient(closeOf(4))).toEqual([]);
  });

  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(257)],
    ['open', 'H'],
  ])('for a handle that is %s', (_, handle) => {
    const talk = opened(read);
    talk.request({ kind: 'open', id: 2, path: '/other', flags: write, attributes: {} });
    talk.resolve('/other');
    talk.allow();
    talk.answer({ kind: 'handle', id: 2, handle });
    expect(cutRule(talk)).toBe('target-handle');
  });

  it.each(['a/b', '', 'a\0b', '../x', '/'])('for the name %j in a listing', (name) => {
    const talk = new Conversation();
    talk.request({ kind: 'opendir', id: 1, path: '/d' });
    talk.resolve('/d');
    talk.allow();
    talk.answer({ kind: 'handle', id: 1, handle: 'D' });
    talk.request({ kind: 'readdir', id: 2, handle: 'D' });
    talk.target(nameOf(2, name));
    expect(cutRule(talk)).toBe('target-name');
  });
});

/** Effects without regard to where the bytes were cut. */
function outline(effects: readonly SftpEffect[]): readonly unknown[] {
  const lines: { kind: string; bytes: Buffer }[] = [];
  for (const effect of effects) {
    const bytes =
      effect.kind === 'to-client' || effect.kind === 'to-target'
        ? effect.bytes
        : Buffer.from(JSON.stringify(effect));
    const last = lines.at(-1);
    if (last?.kind === effect.kind) last.bytes = Buffer.concat([last.bytes, bytes]);
    else lines.push({ kind: effect.kind, bytes });
  }
  return lines.map(({ kind, bytes }) => `${kind} ${bytes.toString('latin1')}`);
}

describe('the inspector', () => {
  const chunks = (stream: Buffer, sizes: readonly number[]): Buffer[] => {
    const cut: Buffer[] = [];
    for (let offset = 0, index = 0; offset < stream.length; index += 1) {
      const end = offset + (sizes[index % sizes.length] ?? 1);
      cut.push(Buffer.from(stream.subarray(offset, end)));
      offset = end;
    }
    return cut;
  };

  function uploadIn(sizes: readonly number[], contents: readonly string[]): readonly unknown[] {
    const talk = opened(read | write);
    let offset = 0;
    const packets = contents.flatMap((content, index) => {
      const at = offset;
      offset += content.length;
      return [writeOf(10 + 2 * index, at, content), readOf(11 + 2 * index, at, content.length)];
    });
    const client: SftpEffect[] = [];
    for (const chunk of chunks(Buffer.concat(packets), sizes))
      client.push(...talk.inspector.fromClient(chunk));
    const answers = contents.flatMap((content, index) => [
      ok(10 + 2 * index),
      encodeData(11 + 2 * index, Buffer.from(content)),
    ]);
    const target: SftpEffect[] = [];
    for (const chunk of chunks(Buffer.concat(answers), sizes))
      target.push(...talk.inspector.fromTarget(chunk));
    return [outline(client), outline(target), transfersAfterClose(talk)];
  }

  it('does the same however the bytes are cut', () => {
    const content = fc.string({ maxLength: 60, unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(
        fc.array(content, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        (contents, sizes) => {
          const whole = uploadIn([1 << 20], contents);
          expect(uploadIn([1], contents)).toEqual(whole);
          expect(uploadIn(sizes, contents)).toEqual(whole);
          const hash = sha256(contents.join(''));
          expect(whole[2]).toEqual(
            contents.join('') === ''
              ? []
              : [
                  expect.objectContaining({ sha256: hash }),
                  expect.objectContaining({ sha256: hash }),
                ],
          );
        },
      ),
    );
  });

  it('passes content on before it is all there', () => {
    const talk = opened(write);
    const packet = writeOf(2, 0, 'x'.repeat(100_000));
    const chunk = packet.subarray(0, 5000);
    const [effect] = talk.inspector.fromClient(chunk);
    expect(effect).toMatchObject({ kind: 'to-target' });
    expect((effect as { bytes: Buffer }).bytes.length).toBe(5000);
    expect((effect as { bytes: Buffer }).bytes.buffer).toBe(chunk.buffer);
  });

  it('can do without hashes', () => {
    const talk = new Conversation({ hashes: false });
    talk.open(1, write);
    talk.client(writeOf(2, 0, 'x'));
    talk.target(ok(2));
    expect(transfersAfterClose(talk)).toMatchObject([{ bytes: 1, sha256: null }]);
  });

  it('refuses a verdict that it did not ask for', () => {
    expect(() => new SftpInspector().decide({ kind: 'allow' })).toThrow('no request waits');
  });
});
