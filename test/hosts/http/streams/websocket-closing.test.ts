import { describe, expect, it } from '@jest/globals';
import type { WebSocketRelayOptions } from '../../../../hosts/http/streams/index.ts';
import { opcodes } from '../../../../hosts/http/wire/websocket/index.ts';
import { relayed } from './relayed-websocket.ts';
import { limits } from './websocket-gateway.ts';

describe('pings and closes', () => {
  it('go through when nobody reads messages', async () => {
    await using stream = await relayed();
    const { caller, target } = stream;
    caller.socket.write(caller.bytes(opcodes.ping, 'a'));
    expect(await target.next()).toBe('ping a');
    target.socket.write(target.bytes(opcodes.pong, 'a'));
    expect(await caller.next()).toBe('pong a');
    caller.close(4001, 'bye');
    expect(await target.next()).toBe('close 4001 bye');
    target.text('a last word');
    target.close(4001, 'bye');
    expect(await caller.next()).toBe('text<> a last word');
    expect(await caller.next()).toBe('close 4001 bye');
    expect(await caller.next()).toBe('end');
    expect(await target.next()).toBe('end');
    expect(await stream.relay.closed).toEqual({ kind: 'closed', by: 'caller', code: 4001 });
    expect(stream.sweep.size).toBe(0);
  });

  it('tell a caller that its target broke off, never a clean end', async () => {
    await using stream = await relayed();
    stream.target.text('begun', false);
    await stream.caller.next();
    stream.target.socket.destroy();
    expect(await stream.caller.next()).toBe('close 1014 the target broke off');
    stream.caller.close(1014);
    expect(await stream.relay.closed).toEqual({ kind: 'vanished', by: 'target' });
  });

  it('end the connection to the target without a close frame when the caller breaks off', async () => {
    await using stream = await relayed();
    stream.caller.text('last');
    stream.caller.socket.end();
    expect(await stream.target.next()).toBe('text<> last');
    expect(await stream.target.next()).toBe('end');
    stream.target.socket.end();
    expect(await stream.relay.closed).toEqual({ kind: 'vanished', by: 'caller' });
  });

  it.each([
    ['caller', 'frame-mask', Buffer.from('8100', 'hex')],
    ['target', 'frame-reserved-bits', Buffer.from('c100', 'hex')],
  ] as const)('answer a %s that breaks the protocol with 1002', async (by, rule, bytes) => {
    await using stream = await relayed();
    const other = by === 'caller' ? stream.target : stream.caller;
    stream[by].socket.write(bytes);
    expect(await stream[by].next()).toMatch(/^close 1002 /);
    expect(await other.next()).toMatch(by === 'caller' ? /^end$/ : /^close 1014 /);
    stream.caller.socket.end();
    stream.target.socket.end();
    expect(await stream.relay.closed).toEqual({ kind: 'violated', by, rule });
  });

  it('cut both connections when a peer does not answer a close in time', async () => {
    await using stream = await relayed();
    const closed = stream.relay.end(1012, 'restart');
    expect(await stream.caller.next()).toBe('close 1012 restart');
    expect(await stream.target.next()).toBe('close 1012 restart');
    stream.sweep.run(performance.now() + limits.closeMsMax - 1_500);
    expect(stream.caller.ended).toBe(false);
    stream.sweep.run(performance.now() + limits.closeMsMax);
    expect(await closed).toEqual({ kind: 'ended', code: 1012, reason: 'restart' });
  });
});

describe('idle peers', () => {
  it('are pinged, their answers are kept, and the silent one has vanished', async () => {
    await using stream = await relayed();
    const { caller, target, sweep } = stream;
    const start = performance.now();
    sweep.run(start + limits.pingMs);
    expect(await caller.next()).toBe('ping sallyport');
    expect(await target.next()).toBe('ping sallyport');
    caller.socket.write(caller.bytes(opcodes.pong, 'sallyport'));
    caller.text('alive');
    expect(await target.next()).toBe('text<> alive');
    sweep.run(start + limits.silenceMsMax + 1);
    expect(await caller.next()).toBe('ping sallyport');
    expect(await caller.next()).toBe('close 1014 the target broke off');
    caller.close(1014);
    expect(await stream.relay.closed).toEqual({ kind: 'vanished', by: 'target' });
  });

  it('are not blamed for a message that waits for its verdict', async () => {
    const verdict = Promise.withResolvers<{ readonly kind: 'forward' }>();
    const asked = Promise.withResolvers<undefined>();
    const judge: WebSocketRelayOptions['judge'] = ({ direction }) => {
      if (direction === 'down') return { kind: 'forward' };
      asked.resolve(undefined);
      return verdict.promise;
    };
    await using stream = await relayed({ judge });
    stream.caller.text('held');
    await asked.promise;
    const start = performance.now();
    for (let ms = 0; ms <= 2 * limits.silenceMsMax; ms += 10_000) {
      stream.sweep.run(start + ms);
      stream.target.text('tick');
      expect(await stream.caller.next()).toMatch(/^(text<> tick|ping sallyport)$/);
    }
    verdict.resolve({ kind: 'forward' });
    let line = await stream.target.next();
    while (line.startsWith('ping')) line = await stream.target.next();
    expect(line).toBe('text<> held');
  });
});

describe('a slow reader', () => {
  it('stops its sender, and has vanished when it takes nothing for too long', async () => {
    await using stream = await relayed();
    const { caller, target, sweep, recorded } = stream;
    caller.socket.pause();
    const frame = target.bytes(opcodes.binary, Buffer.alloc(60_000));
    for (let sent = 0; sent < 1_000; sent += 1) target.socket.write(frame);
    const start = performance.now();
    for (let sweeps = 0; sweeps < 1_000 && !caller.socket.destroyed; sweeps += 1) {
      // It keeps talking, so it is not for silence that it is given up.
      caller.socket.write(caller.bytes(opcodes.pong, ''));
      sweep.run(start + 1_000 * sweeps);
      await new Promise(setImmediate);
    }
    target.socket.destroy();
    expect(await stream.relay.closed).toEqual({ kind: 'vanished', by: 'caller' });
    // What the system's own buffers take lies far below what was sent.
    expect(recorded.length).toBeLessThan(500);
  });
});
