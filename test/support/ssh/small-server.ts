// An SSH server of nothing but the guards: who knows the password gets four programs, or all that a target has.

import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';

import { defaultLimits } from '../../../engine/model/index.ts';
import type { Limits } from '../../../engine/model/index.ts';
import type {
  AskedToOpen,
  Channel,
  GuardedClient,
  GuardedTarget,
  LoginAnswer,
  LoginAttempt,
  TargetCredential,
  TransportEnd,
} from '../../../hosts/ssh/guard/index.ts';
import { acceptClient, connectTarget, hostKeysOf } from '../../../hosts/ssh/guard/index.ts';

export const password = 'sesame';

export interface RelayTarget {
  readonly port: number;
  readonly username: string;
  readonly credential: TargetCredential;
  readonly verifyHostKey?: (key: Buffer) => boolean;
}

export interface SmallServerOptions {
  readonly limits?: Partial<Limits>;
  /** Everything is passed to it; left out, there are `echo`, `cat`, `head` and `sleep`. */
  readonly target?: RelayTarget;
  /** All who come are let in, by any key. */
  readonly open?: boolean;
  /** Who is let in instead, asked for each connection. */
  readonly login?: () => (attempt: LoginAttempt) => Promise<LoginAnswer>;
  readonly onClient?: (client: GuardedClient) => void;
}

export interface SmallServer extends AsyncDisposable {
  readonly port: number;
  /** How connections ended, in order. */
  readonly ends: TransportEnd[];
  readonly close: () => Promise<void>;
}

const hostKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
});

export async function startSmallServer(options: SmallServerOptions = {}): Promise<SmallServer> {
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const ends: TransportEnd[] = [];
  const sockets = new Set<Socket>();
  const hostKeys = hostKeysOf([hostKey]);
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    let target: Promise<GuardedTarget> | undefined;
    acceptClient(socket, {
      ...{ hostKeys, limits },
      authenticate:
        options.login?.() ?? ((attempt) => Promise.resolve(answer(attempt, options.open === true))),
      onReady: (client) => {
        options.onClient?.(client);
        if (options.target !== undefined) target = reach(options.target, limits);
        target?.catch(() => client.end('no target'));
      },
      onOpen: (asked) => {
        if (target === undefined) serve(asked);
        else relay(asked, target);
      },
      onGlobalRequest: ({ reply }) => reply({ granted: false }),
      onEnd: (end) => {
        ends.push(end);
        void target?.then((reached) => reached.end()).catch(() => undefined);
      },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  const { port } = server.address() as AddressInfo;
  return { port, ends, close, [Symbol.asyncDispose]: close };
}

function answer(attempt: LoginAttempt, open: boolean) {
  if (open && attempt.kind === 'key-query') return { kind: 'key-known' } as const;
  const right = attempt.kind === 'password' && attempt.password === password;
  if (right || (open && attempt.kind === 'key')) return { kind: 'accepted' } as const;
  return { kind: 'refused', methods: ['publickey', 'password'], partial: false } as const;
}

async function reach(target: RelayTarget, limits: Limits): Promise<GuardedTarget> {
  const socket = connect({ port: target.port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return connectTarget(socket, {
    verifyHostKey: () => true,
    ...target,
    limits,
    onEnd: () => undefined,
  });
}

function serve(asked: AskedToOpen): void {
  if (asked.type.kind !== 'session') {
    asked.refuse('prohibited', 'only sessions');
    return;
  }
  const channel = asked.accept();
  if (channel === undefined) return;
  channel.onRequest = ({ request, reply }) => {
    reply(request.kind === 'exec' || request.kind === 'pty');
    if (request.kind === 'exec') run(channel, request.command.toString());
  };
}

/** A few programs, in the words of a real shell, so that the same is asked of a gateway. */
function run(channel: Channel, command: string): void {
  const done = (status: number): void => channel.finish({ kind: 'exit-status', status });
  const zeroes = /^head -c (\d+) \/dev\/zero$/.exec(command)?.[1];
  if (command.startsWith('echo ')) {
    channel.output.write(`${command.slice(5)}\n`);
    done(0);
  } else if (command === 'cat') {
    channel.input.pipe(channel.output, { end: false });
    channel.input.once('end', () => done(0));
  } else if (command === 'cat >/dev/null') {
    channel.input.resume().once('end', () => done(0));
  } else if (zeroes !== undefined) {
    writeAll(channel, Number(zeroes), done);
  } else if (!command.startsWith('sleep ')) {
    channel.outputError.write(`unknown: ${command}\n`);
    done(127);
  }
}

const chunk = Buffer.alloc(32 * 1024);

function writeAll(channel: Channel, bytes: number, done: (status: number) => void): void {
  let left = bytes;
  const write = (): void => {
    while (left > 0 && !channel.closed) {
      const piece = chunk.subarray(0, Math.min(left, chunk.length));
      left -= piece.length;
      if (!channel.output.write(piece)) {
        channel.output.once('drain', write);
        return;
      }
    }
    done(0);
  };
  write();
}

function relay(asked: AskedToOpen, reached: Promise<GuardedTarget>): void {
  if (asked.type.kind !== 'session') {
    asked.refuse('prohibited', 'only sessions');
    return;
  }
  const client = asked.accept();
  if (client === undefined) return;
  const opened = reached.then((target) => target.open({ kind: 'session' }));
  client.onRequest = ({ request, reply }) => {
    if (request.kind === 'other' || request.kind === 'x11' || request.kind === 'break') {
      reply(false);
      return;
    }
    void opened.then((target) => target.ask(request)).then(reply, () => reply(false));
  };
  void opened.then(
    (target) => joinChannels(client, target),
    () => client.abort(),
  );
}

function joinChannels(client: Channel, target: Channel): void {
  client.input.pipe(target.output);
  target.input.pipe(client.output, { end: false });
  target.inputError.pipe(client.outputError, { end: false });
  void client.gone.then(() => target.abort());
  const ended = [target.input, target.inputError].map((stream) => once(stream, 'close'));
  void Promise.all([...ended, target.gone]).then(() => client.finish(target.exit));
}
