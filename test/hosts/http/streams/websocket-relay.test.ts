import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { WebSocketRelayOptions } from '../../../../hosts/http/streams/index.ts';
import { encodeFrame, opcodes } from '../../../../hosts/http/wire/websocket/index.ts';
import { maskKey, relayed } from './relayed-websocket.ts';
import { limits } from './websocket-gateway.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const forward = () => ({ kind: 'forward' }) as const;

describe('a relayed WebSocket', () => {
  it('carries messages both ways and records each with its size and digest', async () => {
    await using stream = await relayed();
    stream.caller.text('hello');
    expect(await stream.target.next()).toBe('text<> hello');
    stream.target.socket.write(stream.target.bytes(opcodes.binary, Buffer.from([0, 255])));
    expect(await stream.caller.next()).toBe('binary<> \0ÿ');
    expect(stream.recorded).toEqual([
      { direction: 'up', type: 'text', bytes: 5, sha256: sha256('hello'), outcome: 'forwarded' },
      expect.objectContaining({ direction: 'down', type: 'binary', bytes: 2 }),
    ]);
  });

  it('reads first what came with the handshakes', async () => {
    const head = encodeFrame(
      { opcode: opcodes.text, final: true, payload: Buffer.from('early') },
      maskKey,
    );
    await using stream = await relayed({ callerHead: head });
    expect(await stream.target.next()).toBe('text<> early');
  });

  it('masks frames upward with a fresh key each, and downward none', async () => {
    await using stream = await relayed();
    const chunks: Buffer[] = [];
    stream.target.socket.on('data', (chunk) => chunks.push(chunk));
    stream.caller.text('same');
    expect(await stream.target.next()).toBe('text<> same');
    stream.caller.text('same');
    expect(await stream.target.next()).toBe('text<> same');
    const frames = Buffer.concat(chunks);
    expect(frames.length).toBe(20);
    expect(frames.subarray(2, 6)).not.toEqual(frames.subarray(12, 16));
  });

  it('forwards fragments as they come, with one record for the message', async () => {
    await using stream = await relayed();
    stream.caller.text('ab', false);
    expect(await stream.target.next()).toBe('text< ab');
    expect(stream.recorded).toEqual([]);
    stream.caller.socket.write(stream.caller.bytes(opcodes.continuation, 'cd'));
    expect(await stream.target.next()).toBe('text> cd');
    expect(stream.recorded).toMatchObject([{ bytes: 4, sha256: sha256('abcd') }]);
  });

  it('completes no message before its record is written', async () => {
    const writing = Promise.withResolvers<undefined>();
    const asked = Promise.withResolvers<undefined>();
    const record = () => {
      asked.resolve(undefined);
      return writing.promise;
    };
    await using stream = await relayed({ record });
    stream.caller.text('a', false);
    expect(await stream.target.next()).toBe('text< a');
    stream.caller.socket.write(stream.caller.bytes(opcodes.continuation, 'b'));
    await asked.promise;
    stream.sweep.run(performance.now() + limits.pingMs);
    expect(await stream.target.next()).toBe('ping sallyport');
    writing.resolve(undefined);
    expect(await stream.target.next()).toBe('text> b');
  });

  it('ends with 1011 when a message cannot be recorded, and forwards nothing of it', async () => {
    const failure = new Error('disk full');
    await using stream = await relayed({ record: () => Promise.reject(failure) });
    stream.caller.text('hello');
    expect(await stream.target.next()).toBe('close 1011 gateway error');
    expect(await stream.caller.next()).toBe('close 1011 gateway error');
    stream.caller.close(1011);
    stream.target.close(1011);
    expect(await stream.relay.closed).toEqual({ kind: 'failed', error: failure });
  });

  it('records a message that its sender never ended', async () => {
    await using stream = await relayed();
    stream.caller.text('begun', false);
    await stream.target.next();
    stream.caller.socket.destroy();
    expect(await stream.target.next()).toBe('end');
    stream.target.socket.end();
    await stream.relay.closed;
    expect(stream.recorded).toMatchObject([{ bytes: 5, outcome: 'cut' }]);
  });
});

describe('judged messages', () => {
  it('are put together first, judged one by one in order, and forwarded whole', async () => {
    const seen: string[] = [];
    const judge: WebSocketRelayOptions['judge'] = async ({ direction, type, payload }) => {
      await Promise.resolve();
      seen.push(`${direction} ${type} ${payload.toString()}`);
      return { kind: 'forward' };
    };
    await using stream = await relayed({ judge });
    const { caller } = stream;
    caller.socket.write(
      Buffer.concat([
        caller.bytes(opcodes.text, 'on', false),
        caller.bytes(opcodes.ping, 'p'),
        caller.bytes(opcodes.continuation, 'e'),
        caller.bytes(opcodes.text, 'two'),
      ]),
    );
    expect(await stream.target.next()).toBe('text<> one');
    expect(await stream.target.next()).toBe('text<> two');
    expect(await caller.next()).toBe('pong p');
    expect(seen).toEqual(['up text one', 'up text two']);
  });

  it('are refused with 1008 to both, and nothing of them or behind them passes', async () => {
    const judge: WebSocketRelayOptions['judge'] = ({ payload }) =>
      payload.includes('drop') ? { kind: 'refuse', reason: 'no drops' } : { kind: 'forward' };
    await using stream = await relayed({ judge });
    const { caller, target } = stream;
    caller.socket.write(
      Buffer.concat(['fine', 'drop it', 'behind'].map((text) => caller.bytes(opcodes.text, text))),
    );
    expect(await target.next()).toBe('text<> fine');
    expect(await target.next()).toBe('close 1008 no drops');
    expect(await caller.next()).toBe('close 1008 no drops');
    caller.close(1008);
    target.close(1008);
    expect(await caller.next()).toBe('end');
    expect(await target.next()).toBe('end');
    const end = { kind: 'refused', direction: 'up', reason: 'no drops' };
    expect(await stream.relay.closed).toEqual(end);
    expect(stream.recorded.map(({ outcome }) => outcome)).toEqual(['forwarded', 'refused']);
  });

  it('are judged downward too', async () => {
    const judge: WebSocketRelayOptions['judge'] = ({ direction }) =>
      direction === 'down' ? { kind: 'refuse', reason: 'quiet' } : { kind: 'forward' };
    await using stream = await relayed({ judge });
    stream.target.text('secret');
    expect(await stream.caller.next()).toBe('close 1008 quiet');
  });

  it('end the stream when judging throws: nothing is forwarded', async () => {
    const judge = () => {
      throw new Error('policy');
    };
    await using stream = await relayed({ judge });
    stream.caller.text('x');
    expect(await stream.target.next()).toBe('close 1011 gateway error');
  });

  it('over the limit close the stream with 1009 as soon as the length is read', async () => {
    await using stream = await relayed({
      judge: forward,
      limits: { ...limits, messageBytesMax: 10 },
    });
    stream.caller.socket.write(stream.caller.bytes(opcodes.text, 'x'.repeat(11)).subarray(0, 6));
    expect(await stream.caller.next()).toMatch(/^close 1009 /);
    expect(await stream.target.next()).toBe('end');
    stream.caller.socket.end();
    stream.target.socket.end();
    expect(await stream.relay.closed).toMatchObject({ rule: 'message-too-large', by: 'caller' });
  });

  it('that wait for a verdict are dropped when the stream is ended meanwhile', async () => {
    const verdict = Promise.withResolvers<{ readonly kind: 'forward' }>();
    const asked = Promise.withResolvers<undefined>();
    const judge = () => {
      asked.resolve(undefined);
      return verdict.promise;
    };
    await using stream = await relayed({ judge });
    stream.caller.text('held');
    await asked.promise;
    const closed = stream.relay.end(1008, 'revoked');
    verdict.resolve({ kind: 'forward' });
    expect(await stream.target.next()).toBe('close 1008 revoked');
    stream.target.close(1008);
    expect(await stream.target.next()).toBe('end');
    expect(await stream.caller.next()).toBe('close 1008 revoked');
    stream.caller.close(1008);
    expect(await closed).toEqual({ kind: 'ended', code: 1008, reason: 'revoked' });
    expect(stream.recorded).toMatchObject([{ outcome: 'cut' }]);
  });
});

describe('masks', () => {
  const mask = (payload: Buffer): Buffer | undefined => {
    const text = payload.toString();
    return text.startsWith('{') ? Buffer.from(text.replace('secret', '***')) : undefined;
  };

  it('change what goes down and nothing that goes up', async () => {
    await using stream = await relayed({ mask });
    stream.target.text('{"a":"secret"}');
    expect(await stream.caller.next()).toBe('text<> {"a":"***"}');
    stream.caller.text('{"a":"secret"}');
    expect(await stream.target.next()).toBe('text<> {"a":"secret"}');
    const outcomes = stream.recorded.map(({ outcome, sha256: digest }) => [outcome, digest]);
    expect(outcomes).toEqual([
      ['masked', sha256('{"a":"secret"}')],
      ['forwarded', sha256('{"a":"secret"}')],
    ]);
  });

  it.each([
    ['text that cannot be masked', opcodes.text],
    ['binary', opcodes.binary],
  ])('refuse %s', async (_, opcode) => {
    await using stream = await relayed({ mask });
    stream.target.socket.write(stream.target.bytes(opcode, 'secret'));
    expect(await stream.caller.next()).toBe('close 1008 the message cannot be masked');
    expect(stream.recorded).toMatchObject([{ outcome: 'refused' }]);
  });

  it('let nothing down in pings, pongs and close reasons', async () => {
    await using stream = await relayed({ mask });
    const { target, caller } = stream;
    target.socket.write(target.bytes(opcodes.ping, 'secret'));
    expect(await target.next()).toBe('pong secret');
    target.socket.write(target.bytes(opcodes.pong, 'secret'));
    target.close(1000, 'secret');
    expect(await caller.next()).toBe('close 1000 ');
  });
});
