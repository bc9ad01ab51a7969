// A client's leg: the order of its messages, its keys, its clocks, and dialogs with it.

import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import type { Limits } from '../../../../engine/model/index.ts';
import { defaultLimits } from '../../../../engine/model/index.ts';
import type {
  AcceptClientOptions,
  AskedOnChannel,
  AskedToOpen,
  Channel,
  GuardedClient,
  LoginAttempt,
  TransportEnd,
} from '../../../../hosts/ssh/guard/index.ts';
import { acceptClient, hostKeysOf } from '../../../../hosts/ssh/guard/index.ts';
import { socketPair } from '../../../support/socket-pair.ts';
import {
  about,
  channelRequest,
  data,
  exec,
  loginRequest,
  opened,
  passwordRequest,
  serviceRequest,
} from '../../../support/ssh/raw-client.ts';
import { FieldReader, FieldWriter, messages, RawPeer } from '../../../support/ssh/raw-peer.ts';

const hostKeys = hostKeysOf([
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  }),
]);

interface Scene extends AsyncDisposable {
  readonly peer: RawPeer;
  readonly ended: Promise<TransportEnd>;
  readonly attempts: LoginAttempt[];
  readonly ready: Promise<GuardedClient>;
  /** The next channel that was opened, with what is asked on it. */
  readonly channel: Promise<Channel>;
  readonly asked: AskedOnChannel[];
}

async function scene(
  limits: Partial<Limits> = {},
  options: Partial<AcceptClientOptions> = {},
): Promise<Scene> {
  const pair = await socketPair();
  const attempts: LoginAttempt[] = [];
  const asked: AskedOnChannel[] = [];
  const ended = Promise.withResolvers<TransportEnd>();
  const ready = Promise.withResolvers<GuardedClient>();
  const channel = Promise.withResolvers<Channel>();
  acceptClient(pair.far, {
    hostKeys,
    limits: { ...defaultLimits, ...limits },
    authenticate: (attempt) => {
      attempts.push(attempt);
      return Promise.resolve({ kind: 'accepted' });
    },
    onReady: ready.resolve,
    onOpen: (asking) => {
      const accepted = asking.accept();
      if (accepted === undefined) return;
      accepted.onRequest = (each) => asked.push(each);
      channel.resolve(accepted);
    },
    onGlobalRequest: ({ reply }) => reply({ granted: false }),
    onEnd: ended.resolve,
    ...options,
  });
  const peer = new RawPeer(pair.near);
  await Promise.race([peer.secured, peer.closed]);
  return {
    ...{ peer, attempts, asked, ended: ended.promise, ready: ready.promise },
    channel: channel.promise,
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
}

async function loggedIn(limits: Partial<Limits> = {}): Promise<Scene> {
  const stage = await scene(limits);
  stage.peer.send(serviceRequest(), passwordRequest('ada', 'x'));
  await stage.peer.next(messages.loginSuccess);
  return stage;
}

/** What comes on a channel until it is closed. */
async function heard(peer: RawPeer): Promise<readonly string[]> {
  const said: string[] = [];
  for (;;) {
    const message = await peer.next(94, 95, 96, 97, 98, 99, 100);
    if (message === undefined) return [...said, 'lost'];
    const fields = new FieldReader(message, 5);
    switch (message[0]) {
      case messages.channelData:
        said.push(`data ${fields.text()}`);
        break;
      case messages.channelExtendedData:
        fields.uint32();
        said.push(`error ${fields.text()}`);
        break;
      case messages.channelRequest:
        said.push(fields.text());
        break;
      case messages.channelSuccess:
      case messages.channelFailure:
        said.push(message[0] === messages.channelSuccess ? 'yes' : 'no');
        break;
      case messages.channelEof:
        said.push('end');
        break;
      default:
        return [...said, 'close'];
    }
  }
}

describe('a channel', () => {
  it('says how a program ended behind all that it wrote, through windows of a few bytes', async () => {
    await using stage = await loggedIn();
    const id = await opened(stage.peer, { window: 3 });
    const channel = await stage.channel;
    channel.output.write('abcdef');
    channel.outputError.write('gh');
    channel.finish({ kind: 'exit-status', status: 0 });
    for (let at = 0; at < 5; at += 1)
      stage.peer.send(about(messages.channelWindowAdjust, id ?? 0).uint32(1));
    const said = await heard(stage.peer);
    expect(said.slice(-3)).toEqual(['exit-status', 'end', 'close']);
    const text = (kind: string) =>
      said
        .filter((each) => each.startsWith(kind))
        .map((each) => each.slice(5))
        .join('');
    expect(text('data ')).toBe('abcdef');
    expect(said.filter((each) => each.startsWith('error ')).join('')).toContain('g');
  });

  it('answers questions in their order, also long after the client has ended its input', async () => {
    await using stage = await loggedIn();
    const id = (await opened(stage.peer)) ?? 0;
    const channel = await stage.channel;
    stage.peer.send(
      channelRequest(id, 'pty-req').text('vt').uint32(80).uint32(24).uint32(0).uint32(0).text(''),
    );
    stage.peer.send(
      exec(id, 'sort'),
      data(id, 'b\n'),
      data(id, 'a\n'),
      about(messages.channelEof, id),
    );
    const input = Buffer.concat(await channel.input.toArray()).toString();
    expect(input).toBe('b\na\n');
    const [pty, command] = stage.asked;
    command?.reply(true);
    channel.output.write('a\nb\n');
    pty?.reply(false);
    channel.finish({ kind: 'exit-signal', name: 'KILL', coreDumped: false, message: '' });
    const said = await heard(stage.peer);
    expect(said.filter((each) => each === 'yes' || each === 'no')).toEqual(['no', 'yes']);
    expect(said.slice(-3)).toEqual(['exit-signal', 'end', 'close']);
  });

  it('answers before whatever it sends next, and without anything to send', async () => {
    await using stage = await loggedIn();
    const id = (await opened(stage.peer)) ?? 0;
    const channel = await stage.channel;
    stage.peer.send(channelRequest(id, 'env').text('A').text('b'), exec(id, 'one'));
    while (stage.asked.length < 2) await new Promise(setImmediate);
    stage.asked[0]?.reply(true);
    expect((await stage.peer.next(99, 100))?.[0]).toBe(messages.channelSuccess);
    stage.asked[1]?.reply(true);
    channel.output.write('a');
    channel.finish({ kind: 'exit-status', status: 0 });
    expect(await heard(stage.peer)).toEqual(['yes', 'data a', 'exit-status', 'end', 'close']);
  });

  it('answers behind an exchange of keys that comes between', async () => {
    await using stage = await loggedIn();
    const id = (await opened(stage.peer)) ?? 0;
    const channel = await stage.channel;
    stage.peer.send(exec(id, 'one'));
    while (stage.asked.length < 1) await new Promise(setImmediate);
    stage.asked[0]?.reply(true);
    (await stage.ready).rekey();
    channel.output.write('a');
    channel.finish({ kind: 'exit-status', status: 0 });
    expect(await heard(stage.peer)).toEqual(['yes', 'data a', 'exit-status', 'end', 'close']);
  });

  it('answers before it says goodbye', async () => {
    await using stage = await loggedIn();
    const id = (await opened(stage.peer)) ?? 0;
    await stage.channel;
    stage.peer.send(exec(id, 'one'));
    while (stage.asked.length < 1) await new Promise(setImmediate);
    stage.asked[0]?.reply(true);
    (await stage.ready).end('bye');
    expect((await stage.peer.next(99, 100))?.[0]).toBe(messages.channelSuccess);
  });

  it('is none when accepting it was the end of the connection', async () => {
    const opens: AskedToOpen[] = [];
    await using stage = await scene({}, { onOpen: (asked) => opens.push(asked) });
    stage.peer.send(serviceRequest(), passwordRequest('ada', 'x'));
    await stage.peer.next(messages.loginSuccess);
    const open = (id: number) =>
      new FieldWriter(messages.channelOpen).text('session').uint32(id).uint32(1000).uint32(32_768);
    stage.peer.send(open(0), open(1));
    while (opens.length < 2) await new Promise(setImmediate);
    const first = opens[0]?.accept();
    (await stage.ready).rekey();
    for (let more = 0; more < 1000; more += 1) first?.tell({ kind: 'exit-status', status: 0 });
    expect(opens[1]?.accept()).toBeUndefined();
    expect(await stage.ended).toMatchObject({ rule: 'requests-unanswered' });
    await first?.gone;
  });

  it('takes one program, and another only when the first was refused', async () => {
    await using stage = await loggedIn();
    const id = (await opened(stage.peer)) ?? 0;
    await stage.channel;
    stage.peer.send(channelRequest(id, 'subsystem').text('sftp'));
    stage.peer.send(channelRequest(id, 'env').text('A').text('b'));
    while (stage.asked.length < 2) await new Promise(setImmediate);
    stage.asked[0]?.reply(false);
    stage.asked[1]?.reply(true);
    await stage.peer.next(messages.channelSuccess);
    stage.peer.send(exec(id, 'one'), exec(id, 'two'));
    while (stage.asked.length < 3) await new Promise(setImmediate);
    stage.asked[2]?.reply(true);
    expect((await stage.peer.next(99, 100))?.[0]).toBe(messages.channelSuccess);
    expect((await stage.peer.next(99, 100))?.[0]).toBe(messages.channelFailure);
    expect(stage.asked).toHaveLength(3);
  });

  it('lets as much come again as was read', async () => {
    await using stage = await loggedIn({ channelWindowBytesMax: 1000 });
    const id = (await opened(stage.peer)) ?? 0;
    const channel = await stage.channel;
    stage.peer.send(data(id, 'x'.repeat(600)));
    const readable = Promise.withResolvers<undefined>();
    channel.input.once('data', () => readable.resolve(undefined));
    await readable.promise;
    const adjust = await stage.peer.next(messages.channelWindowAdjust);
    expect(adjust?.readUInt32BE(5)).toBe(600);
  });

  it('drops what is written to a client that has closed it, without an error', async () => {
    await using stage = await loggedIn();
    const id = (await opened(stage.peer, { window: 10 })) ?? 0;
    const channel = await stage.channel;
    const written = new Promise((resolve) => channel.output.write('x'.repeat(1000), resolve));
    stage.peer.send(about(messages.channelClose, id));
    await channel.gone;
    await written;
    channel.finish({ kind: 'exit-status', status: 0 });
    expect(channel.closed).toBe(true);
    expect(channel.output.errored).toBeNull();
  });
});

describe('keys', () => {
  it('are exchanged anew after so many bytes', async () => {
    await using stage = await loggedIn({ rekeyBytesMax: 100_000, stallSecondsMax: 1 });
    await opened(stage.peer);
    const channel = await stage.channel;
    channel.output.write(Buffer.alloc(500_000));
    channel.finish({ kind: 'exit-status', status: 0 });
    expect((await heard(stage.peer)).at(-1)).toBe('close');
    while (stage.peer.exchanges < 2) await new Promise(setImmediate);
  });

  it('are exchanged anew after so long', async () => {
    await using stage = await loggedIn({ rekeySecondsMax: 0.1 });
    while (stage.peer.exchanges < 3) await new Promise(setImmediate);
    expect(await opened(stage.peer)).toBeDefined();
  });
});

describe('clocks', () => {
  it.each<[string, Partial<Limits>, string]>([
    ['nothing happens', { sshIdleSecondsMax: 0.2 }, 'peer-idle'],
    ['it has lasted long', { sshSessionSecondsMax: 0.2 }, 'session-too-long'],
  ])('end a connection when %s', async (_what, limits, rule) => {
    await using stage = await loggedIn(limits);
    await expect(stage.ended).resolves.toMatchObject({ kind: 'violation', rule });
    expect(await stage.peer.closed).not.toBe('');
  });

  it('ask a silent peer, and keep one that answers', async () => {
    await using stage = await loggedIn({ peerSilentSecondsMax: 0.3 });
    const kept = await Promise.race([
      stage.ended,
      new Promise((resolve) => setTimeout(resolve, 900, 'kept')),
    ]);
    expect(kept).toBe('kept');
    stage.peer.mute = true;
    await expect(stage.ended).resolves.toMatchObject({ rule: 'peer-silent' });
  });
});

describe('a login', () => {
  it('is told of in the words of the client', async () => {
    await using stage = await scene();
    stage.peer.send(serviceRequest(), loginRequest('ada', 'none'));
    await stage.peer.next(messages.loginSuccess);
    expect(stage.attempts).toEqual([{ kind: 'none', username: 'ada' }]);
    const client = await stage.ready;
    expect(client.username).toBe('ada');
    client.end('enough for today');
    expect(await stage.peer.closed).toBe('enough for today');
    await expect(stage.ended).resolves.toEqual({ kind: 'ended' });
  });

  it('asks by dialog, and knows when it was given up', async () => {
    const answers: unknown[] = [];
    const done = Promise.withResolvers<undefined>();
    await using stage = await scene(
      {},
      {
        authenticate: async (attempt) => {
          if (attempt.kind !== 'dialog')
            return { kind: 'refused', methods: ['password'], partial: false };
          const prompts = [{ text: 'Code: ', echo: true }];
          answers.push(await attempt.dialog.ask({ title: 'a', instruction: 'b', prompts }));
          if (answers.length === 2) done.resolve(undefined);
          return { kind: 'refused', methods: [], partial: false };
        },
      },
    );
    const { peer } = stage;
    const dialog = () => loginRequest('ada', 'keyboard-interactive').text('').text('');
    peer.send(serviceRequest(), dialog());
    await peer.next(messages.loginInfoRequest);
    peer.send(new FieldWriter(messages.loginInfoResponse).uint32(1).text('4711'));
    await peer.next(messages.loginFailure);
    peer.send(dialog());
    await peer.next(messages.loginInfoRequest);
    peer.send(loginRequest('ada', 'none'));
    await done.promise;
    expect(answers).toEqual([['4711'], undefined]);
    expect((await peer.next(messages.loginFailure))?.[0]).toBe(messages.loginFailure);
  });

  it('is refused, not accepted, by a question about a key or a failing authenticator', async () => {
    await using stage = await scene({}, { authenticate: () => Promise.reject(new Error('down')) });
    stage.peer.send(serviceRequest(), passwordRequest('ada', 'x'));
    expect((await stage.peer.next(51, 52))?.[0]).toBe(messages.loginFailure);
    await using other = await scene();
    other.peer.send(serviceRequest());
    other.peer.send(
      loginRequest('ada', 'publickey').boolean(false).text('ssh-ed25519').text('key'),
    );
    expect((await other.peer.next(51, 52))?.[0]).toBe(messages.loginFailure);
  });
});
