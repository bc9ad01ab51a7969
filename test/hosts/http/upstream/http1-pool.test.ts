import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { Sweep } from '../../../../hosts/http/streams/index.ts';
import type {
  AnswerControl,
  AnswerListener,
} from '../../../../hosts/http/upstream/answer-listener.ts';
import { Http1Pool } from '../../../../hosts/http/upstream/http1-pool.ts';
import type { WholeRequest } from '../../../../hosts/http/upstream/http1-request.ts';
import { eventually } from '../../../support/eventually.ts';
import { dialPlain } from '../streams/websocket-gateway.ts';

const limits = {
  dialsToFail: 0,
  connectionsMax: 2,
  headMsMax: 1_000,
  idleMsMax: 1_000,
  keptMsMax: 60_000,
};
const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

const until = (holds: () => boolean): Promise<void> =>
  eventually('what the test waits for', () => Promise.resolve(holds()));

interface Target extends AsyncDisposable {
  readonly pool: Http1Pool;
  readonly sweep: Sweep;
  readonly sockets: readonly Socket[];
  /** All that came, by connection. */
  readonly received: () => readonly string[];
}

/** @param answer To a piece of a request on the connection of this number. */
async function startTarget(
  answer: (socket: Socket, connection: number) => void,
  own: Partial<typeof limits> = {},
): Promise<Target> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server = createServer((socket) => {
    const number = sockets.push(socket) - 1;
    received.push('');
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      received[number] = (received[number] ?? '') + piece.toString('latin1');
      answer(socket, number);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sweep = new Sweep();
  const { dialsToFail, ...kept } = { ...limits, ...own };
  let dials = 0;
  const connect = (): Promise<Socket> => {
    dials += 1;
    return dials > dialsToFail ? dialPlain(port) : Promise.reject(new Error('nobody answers'));
  };
  const pool = new Http1Pool({ connect, limits: kept, sweep });
  return {
    ...{ pool, sweep, sockets },
    received: () => received,
    [Symbol.asyncDispose]: async () => {
      pool.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Told extends AnswerListener {
  readonly control: Promise<AnswerControl>;
  /** `whole`, or the message of the error. */
  readonly over: Promise<string>;
  readonly calls: string[];
  readonly body: () => string;
}

function listener(own: Partial<AnswerListener> = {}): Told {
  const control = Promise.withResolvers<AnswerControl>();
  const over = Promise.withResolvers<string>();
  const calls: string[] = [];
  let body = '';
  return {
    ...{ calls, control: control.promise, over: over.promise, body: () => body },
    onStart: control.resolve,
    onHead: (status, checked) => calls.push(`head ${status} ${checked.kind}`),
    onData: (piece) => (body += piece.toString('latin1')),
    onEnd: () => {
      calls.push('end');
      over.resolve('whole');
    },
    onError: (error) => {
      calls.push('error');
      over.resolve(error.message);
    },
    ...own,
  };
}

const get = (path: string, method = 'GET', body: Buffer | null = null): WholeRequest => ({
  ...{ method, path, body },
  headers: ['host', 'target.test', 'x-a', '1', 'x-a', '2'],
});

function ask(target: Target, request: WholeRequest, own?: Partial<AnswerListener>): Told {
  const told = listener(own);
  target.pool.dispatch(request, told);
  return told;
}

const always =
  (...pieces: readonly string[]) =>
  (socket: Socket): void => {
    for (const piece of pieces) socket.write(piece, 'latin1');
  };

describe('a request', () => {
  it('is written as it was given, with its Host and its own framing', async () => {
    await using target = await startTarget(always(whole));
    const request = get('/a?b', 'GET');
    const told = ask(target, { ...request, headers: [...request.headers, 'content-length', '99'] });
    expect(await told.over).toBe('whole');
    expect(told.calls).toEqual(['head 200 response', 'end']);
    expect(told.body()).toBe('hello');
    expect(target.received()).toEqual([
      'GET /a?b HTTP/1.1\r\nhost: target.test\r\nconnection: keep-alive\r\nx-a: 1\r\nx-a: 2\r\n\r\n',
    ]);
  });

  it.each([
    ['POST', Buffer.from('body'), 'content-length: 4\r\n\r\nbody'],
    ['DELETE', Buffer.from('body'), 'content-length: 4\r\n\r\nbody'],
    ['POST', null, 'content-length: 0\r\n\r\n'],
    ['DELETE', null, 'x-a: 2\r\n\r\n'],
    ['OPTIONS', Buffer.alloc(0), 'x-a: 2\r\n\r\n'],
  ])('%s with body %s ends in its length and its body', async (method, body, end) => {
    await using target = await startTarget((socket) => {
      if (target.received()[0]?.endsWith(end) === true) socket.write(whole);
    });
    expect(await ask(target, get('/', method, body)).over).toBe('whole');
    expect(target.received()[0]?.endsWith(end)).toBe(true);
  });

  it.each([
    ['a path', { ...get('/a\r\nX: 1') }],
    ['a path', { ...get('/a b') }],
    ['a method', { ...get('/', 'GET / HTTP/1.1\r\nX:') }],
    ['a field', { ...get('/'), headers: ['host', 'a', 'x', 'a\r\nb: c'] }],
    ['a name', { ...get('/'), headers: ['host', 'a', 'x: y\r\nz', 'a'] }],
  ])('with a line break or blank in %s is never sent', async (_where, request) => {
    await using target = await startTarget(always(whole));
    await ask(target, get('/first')).over;
    const told = ask(target, request);
    expect(await told.over).toMatch('cannot be sent');
    expect(await ask(target, get('/next')).over).toBe('whole');
    expect(target.received().join('')).not.toMatch(/b: c|X: ?1|a b/);
  });
});

describe('a connection', () => {
  it('serves one request after the other', async () => {
    await using target = await startTarget(always(whole));
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await ask(target, get(`/${turn}`)).over).toBe('whole');
    }
    expect(target.sockets.length).toBe(1);
  });

  it('is one of as many as there may be, and requests wait for them in turn', async () => {
    await using target = await startTarget(() => undefined);
    const all = Array.from({ length: 5 }, (_, turn) => ask(target, get(`/${turn}`)));
    await until(() => target.received().filter((text) => text !== '').length === 2);
    expect(target.pool.waiting).toBe(3);
    for (let answered = 0; answered < 5; answered += 1) {
      const open = target.sockets[answered % 2];
      open?.write(whole);
      await Promise.race(all.map(({ over }) => over));
      await until(() => all.filter(({ calls }) => calls.includes('end')).length > answered);
    }
    expect(target.sockets.length).toBe(2);
    expect(target.received().join('').match(/GET/g)?.length).toBe(5);
  });

  it.each([
    [
      'the target says so',
      'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      'GET',
    ],
    ['it speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', 'GET'],
    [
      'it is kept for no time',
      'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n',
      'GET',
    ],
    ['something stands behind the answer', `${whole}HTTP/1.1 200 OK\r\n`, 'GET'],
    ['a body may follow an answer to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD'],
  ])('serves no other request where %s', async (_why, answer, method) => {
    await using target = await startTarget((socket, connection) => {
      socket.write(connection === 0 ? answer : whole);
    });
    expect(await ask(target, get('/first', method)).over).toBe('whole');
    expect(await ask(target, get('/second')).over).toBe('whole');
    expect(target.sockets.length).toBe(2);
  });

  it('on which something comes that nobody asked for is closed', async () => {
    await using target = await startTarget(always(whole));
    await ask(target, get('/first')).over;
    target.sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned');
    await until(() => target.sockets[0]?.destroyed === true);
    const told = ask(target, get('/second'));
    expect(await told.over).toBe('whole');
    expect(told.body()).toBe('hello');
  });

  it('that was idle for too long is closed', async () => {
    await using target = await startTarget(always(whole));
    await ask(target, get('/first')).over;
    target.sweep.run(performance.now() + limits.keptMsMax);
    await until(() => target.sockets[0]?.destroyed === true);
    expect(await ask(target, get('/second')).over).toBe('whole');
  });

  it('that cannot be made fails one request, and no other', async () => {
    await using target = await startTarget(always(whole), { connectionsMax: 1, dialsToFail: 1 });
    const first = ask(target, get('/1'));
    const second = ask(target, get('/2'));
    expect(await first.over).toBe('nobody answers');
    expect(await second.over).toBe('whole');
  });
});

describe('an answer', () => {
  it.each([
    ['before it began', ''],
    ['within its head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['within its body', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'],
    ['without an end', 'HTTP/1.1 200 OK\r\n\r\nhello'],
  ])('whose connection ends %s is no whole one', async (_where, answer) => {
    await using target = await startTarget((socket) => socket.end(answer));
    const told = ask(target, get('/'));
    expect(await told.over).toMatch('before its answer ended');
    expect(told.calls.at(-1)).toBe('error');
  });

  it('that is none is an error, and ends the connection', async () => {
    await using target = await startTarget(always('SSH-2.0-OpenSSH\r\n\r\n'));
    expect(await ask(target, get('/')).over).toMatch('does not begin as an answer');
    await until(() => target.sockets[0]?.destroyed === true);
  });

  it('that is refused is told with its rule, and nothing of its body', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello';
    await using target = await startTarget(always(answer));
    const control = Promise.withResolvers<AnswerControl>();
    const told = ask(target, get('/'), {
      onStart: control.resolve,
      onHead: () => {
        void control.promise.then((each) => {
          each.abort(new Error('refused'));
        });
      },
    });
    expect(await told.over).toBe('refused');
    expect(told.body()).toBe('');
  });

  it('waits for a listener that paused, however long it takes', async () => {
    const size = 4_000_000;
    await using target = await startTarget((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    let bytes = 0;
    const begun = Promise.withResolvers<AnswerControl>();
    const paused = Promise.withResolvers<undefined>();
    const told = ask(target, get('/'), {
      onStart: begun.resolve,
      onData: (piece) => {
        bytes += piece.length;
        if (bytes > piece.length) return;
        void begun.promise.then((control) => {
          control.pause();
          paused.resolve(undefined);
        });
      },
    });
    await paused.promise;
    for (let turn = 1; turn < 10; turn += 1) {
      target.sweep.run(performance.now() + turn * 10 * limits.idleMsMax);
    }
    expect(bytes).toBeLessThan(size);
    (await begun.promise).resume();
    expect(await told.over).toBe('whole');
    expect(bytes).toBe(size);
  });

  it.each([
    ['its head', ''],
    ['its next piece', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello'],
  ])('is given up when %s does not come in time', async (_what, answer) => {
    await using target = await startTarget(always(answer));
    const told = ask(target, get('/'));
    await until(() => target.received()[0] !== undefined && target.received()[0] !== '');
    if (answer !== '') await until(() => told.body() === 'hello');
    const now = performance.now();
    target.sweep.run(now);
    target.sweep.run(now + limits.headMsMax + 1);
    expect(await told.over).toMatch('in time');
  });

  it.each(['onHead', 'onData', 'onEnd'])(
    'of a listener whose %s throws ends this request and no other',
    async (where) => {
      await using target = await startTarget(always(whole));
      const told = ask(target, get('/'), {
        [where]: () => {
          throw new Error('a bug');
        },
      });
      expect(await told.over).toBe('a bug');
      expect(await ask(target, get('/')).over).toBe('whole');
    },
  );
});

describe('a request that nobody waits for', () => {
  it('any more is not sent, and the connection serves the next', async () => {
    await using target = await startTarget(always(whole), { connectionsMax: 1 });
    const left = ask(target, get('/left'), {
      onStart: (control) => {
        control.abort(new Error('the caller left'));
      },
    });
    const next = ask(target, get('/next'));
    expect(await left.over).toBe('the caller left');
    expect(await next.over).toBe('whole');
    expect(target.received().join('')).not.toMatch('left');
    expect(target.sockets.length).toBe(1);
  });

  it('after it was sent takes its connection with it', async () => {
    await using target = await startTarget(() => undefined, { connectionsMax: 1 });
    const left = ask(target, get('/left'));
    await until(() => target.received()[0]?.includes('left') === true);
    const next = ask(target, get('/next'));
    (await left.control).abort(new Error('the caller left'));
    expect(await left.over).toBe('the caller left');
    await until(() => target.received()[1]?.includes('next') === true);
    target.sockets[1]?.write(whole);
    expect(await next.over).toBe('whole');
  });

  it('any more can change nothing of the next one on its connection', async () => {
    await using target = await startTarget(always(whole), { connectionsMax: 1 });
    const first = ask(target, get('/1'));
    await first.over;
    const old = await first.control;
    const second = ask(target, get('/2'), {
      onHead: () => {
        old.pause();
        old.abort(new Error('late'));
      },
    });
    expect(await second.over).toBe('whole');
    expect(target.sockets.length).toBe(1);
  });
});
