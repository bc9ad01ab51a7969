// A session that an attacker starts by hand, and all that came of it.

import { about, channelRequest, data, exec, opened } from './raw-client.ts';
import type { FieldWriter, RawPeer } from './raw-peer.ts';
import { FieldReader, messages } from './raw-peer.ts';

export interface Heard {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when a signal ended it, or nothing was said. */
  readonly status: number | undefined;
  /** What was answered to requests, in their order. */
  readonly replies: readonly boolean[];
}

export interface SessionOptions {
  readonly id?: number;
  /** Asked for in front of what is started; each with a reply. */
  readonly before?: (channel: number) => readonly FieldWriter[];
  /** Sent behind it. */
  readonly input?: string;
}

/** The channel's number at the server. @throws when it is refused */
export async function session(peer: RawPeer, id = 7): Promise<number> {
  const channel = await opened(peer, { id });
  if (channel === undefined) throw new Error('no session');
  return channel;
}

/** Runs it to its end; undefined when the connection ends first. */
export async function execute(
  peer: RawPeer,
  command: string,
  options: SessionOptions = {},
): Promise<Heard | undefined> {
  const { id = 7, before, input } = options;
  const channel = await session(peer, id);
  peer.send(...(before?.(channel) ?? []), exec(channel, command));
  if (input !== undefined) peer.send(data(channel, input));
  peer.send(about(messages.channelEof, channel));
  const heard = await hear(peer, id);
  peer.send(about(messages.channelClose, channel));
  return heard;
}

const heardOf = [
  ...[messages.channelData, messages.channelExtendedData, messages.channelRequest],
  ...[messages.channelSuccess, messages.channelFailure, messages.channelClose],
] as const;

/** All that is said on our channel `id` until the other side closes it. */
export async function hear(peer: RawPeer, id = 7): Promise<Heard | undefined> {
  const heard = { stdout: '', stderr: '', replies: [] as boolean[] };
  let status: number | undefined;
  for (;;) {
    const message = await peer.next(...heardOf);
    if (message === undefined) return undefined;
    const fields = new FieldReader(message, 1);
    if (fields.uint32() !== id) continue;
    switch (message[0]) {
      case messages.channelData:
        heard.stdout += fields.bytes().toString();
        break;
      case messages.channelExtendedData:
        fields.uint32();
        heard.stderr += fields.bytes().toString();
        break;
      case messages.channelRequest:
        if (fields.text() === 'exit-status' && !fields.boolean()) status = fields.uint32();
        break;
      case messages.channelClose:
        return { ...heard, status };
      default:
        heard.replies.push(message[0] === messages.channelSuccess);
    }
  }
}

export const envRequest = (channel: number, name: string, value: string): FieldWriter =>
  channelRequest(channel, 'env').text(name).text(value);

export const ptyRequest = (channel: number, term = 'xterm'): FieldWriter =>
  channelRequest(channel, 'pty-req').text(term).uint32(80).uint32(24).uint32(0).uint32(0).text('');
