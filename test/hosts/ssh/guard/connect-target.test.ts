// Targets that lie, stall, ask, or open what nobody asked for: the connection to them ends, with the reason.

import { generateKeyPairSync } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import type { Limits } from '../../../../engine/model/index.ts';
import { defaultLimits } from '../../../../engine/model/index.ts';
import type {
  ConnectTargetOptions,
  GuardedTarget,
  TransportEnd,
} from '../../../../hosts/ssh/guard/index.ts';
import { connectTarget } from '../../../../hosts/ssh/guard/index.ts';
import { socketPair } from '../../../support/socket-pair.ts';
import { about, data, openRequest } from '../../../support/ssh/raw-client.ts';
import { FieldReader, FieldWriter, messages, RawPeer } from '../../../support/ssh/raw-peer.ts';

const hostKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
}) as string;

const limits: Limits = { ...defaultLimits, loginSecondsMax: 1 };

interface Scene extends AsyncDisposable {
  readonly target: RawPeer;
  readonly reached: Promise<GuardedTarget>;
  readonly ended: Promise<TransportEnd>;
}

async function scene(options: Partial<ConnectTargetOptions> = {}): Promise<Scene> {
  const pair = await socketPair();
  const target = new RawPeer(pair.far, { hostKey });
  const { promise: ended, resolve } = Promise.withResolvers<TransportEnd>();
  const reached = connectTarget(pair.near, {
    username: 'deploy',
    credential: { kind: 'password', password: 'sesame' },
    verifyHostKey: () => true,
    limits,
    ...options,
    onEnd: resolve,
  });
  reached.catch(() => undefined);
  return { target, reached, ended, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
}

async function askedToLogIn({ target }: Scene): Promise<Buffer> {
  await target.next(messages.serviceRequest);
  target.send(new FieldWriter(messages.serviceAccept).text('ssh-userauth'));
  return (await target.next(messages.loginRequest)) ?? Buffer.alloc(0);
}

async function loggedIn(options: Partial<ConnectTargetOptions> = {}) {
  const stage = await scene(options);
  await askedToLogIn(stage);
  stage.target.send(new FieldWriter(messages.loginSuccess));
  return { ...stage, gateway: await stage.reached };
}

/** The gateway's session on the target, as it asks for it. */
async function sessionOf(target: RawPeer, gateway: GuardedTarget) {
  const opening = gateway.open({ kind: 'session' });
  const request = await target.next(messages.channelOpen);
  const id = request?.readUInt32BE(1 + 4 + 'session'.length) ?? 0;
  target.send(
    about(messages.channelOpenConfirmation, id)
      .uint32(0)
      .uint32(2 ** 21)
      .uint32(2 ** 15),
  );
  return { id, channel: await opening };
}

const failure = (methods: readonly string[], partial = false): FieldWriter =>
  new FieldWriter(messages.loginFailure).names(methods).boolean(partial);

const question = (...prompts: readonly (readonly [string, boolean])[]): FieldWriter => {
  const fields = new FieldWriter(messages.loginInfoRequest).text('').text('').text('');
  fields.uint32(prompts.length);
  for (const [text, echo] of prompts) fields.text(text).boolean(echo);
  return fields;
};

describe('logging in at a target', () => {
  it('presents the password, and no other proof', async () => {
    await using stage = await scene();
    const request = await askedToLogIn(stage);
    const fields = new FieldReader(request, 1);
    expect([fields.text(), fields.text(), fields.text()]).toEqual([
      'deploy',
      'ssh-connection',
      'password',
    ]);
    stage.target.send(failure(['publickey']));
    await expect(stage.reached).rejects.toMatchObject({ code: 'upstream-refused' });
  });

  it('answers one hidden question with it, where the target asks by dialog', async () => {
    await using stage = await scene();
    await askedToLogIn(stage);
    stage.target.send(failure(['keyboard-interactive']));
    await stage.target.next(messages.loginRequest);
    stage.target.send(question(['Password: ', false]));
    const answer = await stage.target.next(messages.loginInfoResponse);
    expect(new FieldReader(answer ?? Buffer.alloc(0), 5).text()).toBe('sesame');
    stage.target.send(new FieldWriter(messages.loginSuccess));
    await expect(stage.reached).resolves.toMatchObject({ ended: false });
  });

  it.each([
    ['two questions', question(['Password: ', false], ['Code: ', false])],
    ['a question that is shown', question(['Account: ', true])],
  ])('answers nothing else: %s', async (_what, asked) => {
    await using stage = await scene();
    await askedToLogIn(stage);
    stage.target.send(failure(['keyboard-interactive']));
    await stage.target.next(messages.loginRequest);
    stage.target.send(asked);
    await expect(stage.reached).rejects.toMatchObject({ code: 'upstream-broken' });
  });

  it('ends when dialogs do not', async () => {
    await using stage = await scene();
    await askedToLogIn(stage);
    stage.target.send(failure(['keyboard-interactive']));
    await stage.target.next(messages.loginRequest);
    for (let at = 0; at < 10; at += 1) stage.target.send(question(['Password: ', false]));
    await expect(stage.reached).rejects.toMatchObject({ code: 'upstream-broken' });
  });

  it('signs with the key what RFC 4252 says', async () => {
    const signed: Buffer[] = [];
    const publicKey = Buffer.from('certificate');
    const algorithm = 'ssh-ed25519-cert-v01@openssh.com';
    const sign = (bytes: Buffer): Buffer => {
      signed.push(bytes);
      return Buffer.from('signature');
    };
    await using stage = await scene({ credential: { kind: 'key', algorithm, publicKey, sign } });
    const request = await askedToLogIn(stage);
    const sessionId = stage.target.protocol._kex?.sessionID ?? Buffer.alloc(0);
    const message = request.subarray(0, request.length - 4 - 'signature'.length);
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(sessionId.length);
    expect(signed).toEqual([Buffer.concat([prefix, sessionId, message])]);
  });

  it.each<[string, (stage: Scene) => void, string]>([
    [
      'success before the question',
      ({ target }) => target.send(new FieldWriter(52)),
      'upstream-broken',
    ],
    ['a channel before the login', ({ target }) => target.send(openRequest()), 'upstream-broken'],
    [
      'a request before the login',
      ({ target }) => target.send(new FieldWriter(80).text('x').boolean(false)),
      'upstream-broken',
    ],
    ['a cut-off failure', ({ target }) => target.send(Buffer.from([51, 0, 0])), 'upstream-broken'],
    [
      'a banner without end',
      ({ target }) => {
        for (let at = 0; at < 100; at += 1)
          target.send(new FieldWriter(53).text('x'.repeat(1000)).text(''));
      },
      'upstream-broken',
    ],
    ['nothing', () => undefined, 'upstream-unreachable'],
    ['a hang-up', ({ target }) => target.socket.destroy(), 'upstream-unreachable'],
    [
      'a goodbye',
      ({ target }) => target.send(new FieldWriter(1).uint32(11).text('no').text('')),
      'upstream-refused',
    ],
  ])('fails with a reason: %s', async (_what, say, code) => {
    await using stage = await scene();
    await stage.target.next(messages.serviceRequest);
    say(stage);
    await expect(stage.reached).rejects.toMatchObject({ code });
  });

  it.each([
    ['a greeting without end', 'welcome\r\n'.repeat(2000)],
    ['another protocol', 'SSH-1.5-old\r\n'],
  ])('fails before there are keys: %s', async (_what, text) => {
    await using pair = await socketPair();
    const reached = connectTarget(pair.near, {
      ...{ username: 'x', credential: { kind: 'password', password: 'x' }, limits },
      ...{ verifyHostKey: () => true, onEnd: () => undefined },
    });
    pair.far.write(text);
    await expect(reached).rejects.toMatchObject({ code: 'upstream-broken' });
  });
});

describe('the host key', () => {
  it('is asked about, and refused', async () => {
    const keys: Buffer[] = [];
    await using stage = await scene({ verifyHostKey: (key) => keys.push(key) === 0 });
    await expect(stage.reached).rejects.toMatchObject({ code: 'upstream-untrusted' });
    expect(keys[0]?.toString('latin1')).toContain('ssh-rsa');
    expect(stage.target.exchanges).toBe(0);
  });

  it('is asked about again at every exchange of keys', async () => {
    let asked = 0;
    await using stage = await loggedIn({ verifyHostKey: () => (asked += 1) === 1 });
    stage.target.protocol.rekey();
    await expect(stage.ended).resolves.toMatchObject({ rule: 'host-key-refused' });
    expect(asked).toBe(2);
  });
});

describe('a target that one is logged in at', () => {
  it.each(['forwarded-tcpip', 'x11', 'auth-agent@openssh.com', 'session'])(
    'opens no channel: %s',
    async (type) => {
      await using stage = await loggedIn();
      const endpoints = new FieldWriter(0)
        .text('a')
        .uint32(1)
        .text('b')
        .uint32(2)
        .payload()
        .subarray(1);
      stage.target.send(
        openRequest({ type }).raw(type === 'forwarded-tcpip' ? endpoints : Buffer.alloc(0)),
      );
      const answer = await stage.target.next(
        messages.channelOpenFailure,
        messages.channelOpenConfirmation,
      );
      expect(answer?.[0]).toBe(messages.channelOpenFailure);
      expect(stage.gateway.ended).toBe(false);
    },
  );

  it('may announce its keys, and ask whether one is alive', async () => {
    await using stage = await loggedIn();
    stage.target.send(new FieldWriter(80).text('hostkeys-00@openssh.com').boolean(false).text('?'));
    stage.target.send(new FieldWriter(80).text('keepalive@openssh.com').boolean(true));
    expect((await stage.target.next(81, 82))?.[0]).toBe(messages.requestFailure);
    expect(stage.gateway.ended).toBe(false);
  });

  it('has told how its program ended when the channel is gone', async () => {
    await using stage = await loggedIn();
    const { id, channel } = await sessionOf(stage.target, stage.gateway);
    const exit = about(messages.channelRequest, id).text('exit-status').boolean(false).uint32(3);
    stage.target.send(
      data(id, 'bye'),
      exit,
      about(messages.channelEof, id),
      about(messages.channelClose, id),
    );
    await channel.gone;
    expect(channel.exit).toEqual({ kind: 'exit-status', status: 3 });
    expect(Buffer.concat(await channel.input.toArray()).toString()).toBe('bye');
  });

  it.each<[string, (id: number) => readonly FieldWriter[], string]>([
    ['data behind the end', (id) => [about(96, id), data(id, 'x')], 'data-after-eof'],
    ['data behind the close', (id) => [about(97, id), data(id, 'x')], 'channel-unknown'],
    ['two closes', (id) => [about(97, id), about(97, id)], 'channel-unknown'],
    ['a window without end', (id) => [about(93, id).uint32(0xffff_ffff)], 'window-overflow'],
    ['too large a packet', (id) => [data(id, Buffer.alloc(33_000))], 'packet-too-large'],
    ['a reply to nothing', (id) => [about(99, id)], 'reply-unexpected'],
    ['an answer to nothing', () => [new FieldWriter(81)], 'reply-unexpected'],
    [
      'a confirmation of nothing',
      () => [about(91, 77).uint32(0).uint32(0).uint32(9999)],
      'reply-unexpected',
    ],
    ['another login', () => [new FieldWriter(52)], 'message-out-of-order'],
    [
      'more data than the window',
      (id) => Array.from({ length: 65 }, () => data(id, Buffer.alloc(32_768))),
      'window-exceeded',
    ],
  ])('is cut for %s', async (_what, say, rule) => {
    await using stage = await loggedIn();
    const { id } = await sessionOf(stage.target, stage.gateway);
    stage.target.send(...say(id));
    await expect(stage.ended).resolves.toMatchObject({ kind: 'violation', rule });
  });

  it('leaves those who wait for it with an answer when it goes', async () => {
    await using stage = await loggedIn();
    const { channel } = await sessionOf(stage.target, stage.gateway);
    const asked = channel.ask({ kind: 'shell' });
    const opening = stage.gateway.open({ kind: 'session' });
    const listening = stage.gateway.ask({ kind: 'listen', address: '', port: 0 });
    stage.target.socket.destroy();
    await expect(asked).resolves.toBe(false);
    await expect(opening).rejects.toMatchObject({ name: 'ChannelRefused' });
    await expect(listening).resolves.toEqual({ granted: false });
    await channel.gone;
    expect(channel.exit).toBeUndefined();
    expect(channel.input.readableEnded).toBe(false);
  });
});
