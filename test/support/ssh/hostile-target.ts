// A target that takes every login and says what it likes afterwards.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import { FieldReader, FieldWriter, messages, RawPeer } from './raw-peer.ts';

export interface HostileTarget extends AsyncDisposable {
  readonly port: number;
  /** What it does once something is asked for on a channel; the caller's number of it. */
  onStart: (peer: RawPeer, channel: number) => void;
  /** Answers to channels that it opened: numbers of messages. */
  readonly answers: number[];
}

/** @param hostKeyFile RSA, in PEM */
export async function startHostileTarget(hostKeyFile: string): Promise<HostileTarget> {
  const hostKey = await readFile(hostKeyFile, 'utf8');
  const peers = new Set<RawPeer>();
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = new RawPeer(socket, { hostKey });
    peers.add(peer);
    void converse(peer, target);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target: HostileTarget = {
    port: (server.address() as AddressInfo).port,
    onStart: () => undefined,
    answers: [],
    [Symbol.asyncDispose]: async () => {
      for (const peer of peers) peer.socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return target;
}

async function converse(peer: RawPeer, target: HostileTarget): Promise<void> {
  let channels = 0;
  for (;;) {
    const message = await peer.next(...heardOf);
    if (message === undefined) return;
    const fields = new FieldReader(message, 1);
    switch (message[0]) {
      case messages.serviceRequest:
        peer.send(new FieldWriter(messages.serviceAccept).text('ssh-userauth'));
        break;
      case messages.loginRequest:
        peer.send(new FieldWriter(messages.loginSuccess));
        break;
      case messages.channelOpen: {
        fields.text();
        const confirmed = new FieldWriter(messages.channelOpenConfirmation).uint32(fields.uint32());
        peer.send(
          confirmed
            .uint32(channels)
            .uint32(2 ** 21)
            .uint32(2 ** 15),
        );
        channels += 1;
        break;
      }
      case messages.channelRequest: {
        // Channels are numbered alike on both sides, as long as only the gateway opens them.
        const channel = fields.uint32();
        const name = fields.text();
        if (fields.boolean()) peer.send(new FieldWriter(messages.channelSuccess).uint32(channel));
        if (name === 'exec') target.onStart(peer, channel);
        break;
      }
      default:
        target.answers.push(message[0] ?? 0);
    }
  }
}

const heardOf = [
  ...[messages.serviceRequest, messages.loginRequest, messages.channelOpen],
  ...[messages.channelRequest, messages.channelOpenConfirmation, messages.channelOpenFailure],
] as const;
