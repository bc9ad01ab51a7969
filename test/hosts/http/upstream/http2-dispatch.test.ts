import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { describe, expect, it } from '@jest/globals';

import {
  Http2Sessions,
  resetStream,
  respondHttp2,
  Sweep,
} from '../../../../hosts/http/streams/index.ts';
import { dispatchHttp2, headOf } from '../../../../hosts/http/upstream/http2-dispatch.ts';
import { limits } from '../streams/grpc-gateway.ts';
import { ask, echo, get, listener, post, reached, silent, startTarget } from './http2-target.ts';

it('makes the authority of Host', () => {
  expect(headOf(get('/a?b'), 'https')).toEqual([
    ...[':method', 'GET', ':scheme', 'https', ':authority', 'target.test', ':path', '/a?b'],
    ...['x-a', '1', 'x-a', '2'],
  ]);
});

describe('an answer over HTTP/2', () => {
  it('is told with its fields as they came, and its end', async () => {
    await using target = await startTarget(echo);
    const told = ask(target, get('/'));
    expect(await told.over).toBe('whole');
    expect(told.calls).toEqual(['start', 'head 200', 'end']);
    expect(told.controller()?.rawHeaders).toEqual(expect.arrayContaining(['x-b', '1', 'x-b', '2']));
    expect(told.controller()?.rawHeaders).not.toContain(':status');
  });

  it.each([0, 10, 5_000_000])('brings %i bytes there and back', async (size) => {
    await using target = await startTarget(echo);
    const whole = ask(target, post('/', Buffer.alloc(size, 'x')));
    expect(await whole.over).toBe('whole');
    expect(whole.body().length).toBe(size);
    const stream = new PassThrough();
    stream.end(Buffer.alloc(size, 'y'));
    const streamed = ask(target, post('/', stream));
    expect(await streamed.over).toBe('whole');
    expect(streamed.body().equals(Buffer.alloc(size, 'y'))).toBe(true);
    expect(target.arrived.map(({ isWhole }) => isWhole)).toEqual([true, true]);
  });

  it('comes to each of many large requests on one connection', async () => {
    await using target = await startTarget(echo);
    const all = Array.from({ length: 40 }, () => ask(target, post('/', Buffer.alloc(1_000_000))));
    for (const told of all) {
      expect(await told.over).toBe('whole');
      expect(told.body().length).toBe(1_000_000);
    }
  });

  it.each([0, 2, 7, 8])('that is reset with code %i is no whole one', async (code) => {
    await using target = await startTarget((stream) => {
      respondHttp2(stream, [':status', '200']);
      stream.write('half', () => resetStream(stream, code));
    });
    const told = ask(target, get('/'));
    expect(await told.over).not.toBe('whole');
    expect(told.calls.at(-1)).toBe('error');
  });

  it('whose connection is lost is no whole one', async () => {
    await using target = await startTarget((stream) => {
      respondHttp2(stream, [':status', '200']);
      stream.write('half', () => stream.session?.destroy());
    });
    expect(await ask(target, get('/')).over).not.toBe('whole');
  });

  it('that is longer or shorter than it says is no whole one', async () => {
    await using target = await startTarget((stream, path) => {
      respondHttp2(stream, [':status', '200', 'content-length', path === '/longer' ? '3' : '30']);
      stream.end('seven b');
    });
    expect(await ask(target, get('/longer')).over).not.toBe('whole');
    expect(await ask(target, get('/shorter')).over).not.toBe('whole');
  });

  it('without a head is an error', async () => {
    await using target = await startTarget((stream) => resetStream(stream, 0));
    expect(await ask(target, get('/')).over).toMatch('reset the request with code 0');
  });

  it('waits for a handler that paused, however long it takes', async () => {
    await using target = await startTarget((stream) => {
      respondHttp2(stream, [':status', '200']);
      stream.end(Buffer.alloc(1_000_000));
    });
    const held = Promise.withResolvers<undefined>();
    const handler = listener();
    let paused = 0;
    let bytes = 0;
    handler.onResponseData = (controller, chunk) => {
      bytes += chunk.length;
      paused += 1;
      if (paused > 1) return;
      controller.pause();
      held.resolve(undefined);
    };
    ask(target, get('/'), { handler, idleMsMax: 20 });
    await held.promise;
    await once(AbortSignal.timeout(100), 'abort');
    expect(handler.calls).toEqual(['start', 'head 200']);
    handler.controller()?.resume();
    expect(await handler.over).toBe('whole');
    expect(bytes).toBe(1_000_000);
  });
});

describe('deadlines', () => {
  it('end what is not answered', async () => {
    await using target = await startTarget(silent);
    expect(await ask(target, get('/'), { headMsMax: 50 }).over).toMatch('in time');
    expect(await target.nextArrived()).toMatchObject({ path: '/' });
  });

  it('end an answer on which nothing happens', async () => {
    await using target = await startTarget((stream) => {
      respondHttp2(stream, [':status', '200']);
      stream.write('half');
    });
    const told = ask(target, get('/'), { idleMsMax: 50 });
    expect(await told.over).toMatch('in time');
    expect(told.calls).toEqual(['start', 'head 200', 'error']);
  });

  it('spare an upload that moves on', async () => {
    await using target = await startTarget(echo);
    const body = new PassThrough();
    const held = listener();
    held.onResponseStart = () => undefined;
    const told = ask(target, post('/', body), { handler: held, headMsMax: 80 });
    for (let piece = 0; piece < 6; piece += 1) {
      body.write('piece');
      await once(AbortSignal.timeout(30), 'abort');
    }
    body.end();
    expect(await told.over).toBe('whole');
  });

  it('end an upload that the target does not take', async () => {
    await using target = await startTarget(silent);
    const body = new PassThrough();
    body.write(Buffer.alloc(500_000));
    expect(await ask(target, post('/unread', body), { headMsMax: 80 }).over).toMatch('in time');
    expect(body.destroyed).toBe(true);
    expect(await target.nextArrived()).toMatchObject({ isWhole: false });
  });
});

describe('a request that is cut', () => {
  it('while its body is sent never looks whole', async () => {
    await using target = await startTarget(silent);
    const body = new PassThrough();
    const told = ask(target, post('/', body));
    body.write('half');
    await reached(target);
    body.destroy(new Error('the caller broke off'));
    expect(await told.over).toBe('the caller broke off');
    expect(await target.nextArrived()).toMatchObject({ isWhole: false });
  });

  it('whose body is gone before a stream is free never looks whole', async () => {
    await using target = await startTarget(silent);
    const body = new PassThrough();
    const told = ask(target, post('/', body));
    body.destroy();
    expect(await told.over).toBe('the caller broke off');
    expect(await target.nextArrived()).toMatchObject({ isWhole: false, bytes: 0 });
  });

  it('by its handler ends at the target', async () => {
    await using target = await startTarget((stream) => {
      respondHttp2(stream, [':status', '200']);
    });
    const told = ask(target, get('/'));
    await told.begun;
    told.controller()?.abort(new Error('nobody waits'));
    expect(await told.over).toBe('nobody waits');
    expect(told.controller()?.aborted).toBe(true);
    await target.nextArrived();
  });

  it('while it waits for a stream sends nothing', async () => {
    await using target = await startTarget(silent, 1);
    ask(target, get('/first'));
    await reached(target);
    const waiting = ask(target, get('/second'));
    expect(target.sessions.waiting).toBe(1);
    waiting.controller()?.abort(new Error('the caller left'));
    expect(await waiting.over).toBe('the caller left');
    target.streams[0]?.respond({ ':status': 200 }, { endStream: true });
    await target.nextArrived();
    expect(await ask(target, get('/third'), { headMsMax: 100 }).over).toMatch('in time');
    expect(target.sessions.waiting).toBe(0);
    expect((await target.nextArrived()).path).toBe('/third');
  });

  it('at its start sends nothing', async () => {
    await using target = await startTarget(silent);
    const handler = listener({
      onRequestStart: (controller) => controller.abort(new Error('too late')),
    });
    expect(await ask(target, get('/'), { handler }).over).toBe('too late');
    expect(target.open.size).toBe(0);
  });
});

it('keeps what a handler throws to its own request', async () => {
  await using target = await startTarget(echo);
  const handler = listener({
    onResponseStart: () => {
      throw new Error('no such field');
    },
  });
  expect(await ask(target, get('/'), { handler }).over).toBe('no such field');
  expect(await ask(target, get('/')).over).toBe('whole');
});

it('never shows the target a whole request when its handler gives up in the middle of the answer', async () => {
  await using target = await startTarget((stream) => {
    respondHttp2(stream, [':status', '200']);
    stream.write('answer');
  });
  const handler = listener();
  handler.onResponseData = (controller) => controller.abort(new Error('not to be masked'));
  const body = new PassThrough();
  body.write('half');
  expect(await ask(target, post('/', body), { handler }).over).toBe('not to be masked');
  expect(await target.nextArrived()).toMatchObject({ isWhole: false });
});

it('stops the rest of a request that was answered', async () => {
  await using target = await startTarget((stream) => {
    respondHttp2(stream, [':status', '413']);
    stream.end('too much');
  });
  const body = new PassThrough();
  body.write('a');
  const told = ask(target, post('/', body));
  expect(await told.over).toBe('whole');
  expect(body.destroyed).toBe(true);
  expect(await target.nextArrived()).toMatchObject({ isWhole: false });
});

it('says when a target speaks no HTTP/2', async () => {
  const sessions = new Http2Sessions({
    connect: () => Promise.reject(new Error('refused')),
    limits,
    sweep: new Sweep(),
  });
  const told = listener();
  dispatchHttp2(get('/'), told, {
    ...{ sessions, scheme: 'https' },
    ...{ headMsMax: 1_000, idleMsMax: 1_000 },
  });
  expect(await told.over).toBe('refused');
});
