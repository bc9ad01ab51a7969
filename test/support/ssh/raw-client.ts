// What attackers do first: log in, open a session, ask for a command; every step by hand.

import type { RawPeerOptions } from './raw-peer.ts';
import { FieldReader, FieldWriter, messages, RawPeer } from './raw-peer.ts';

export interface Login {
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export const serviceRequest = (name = 'ssh-userauth'): FieldWriter =>
  new FieldWriter(messages.serviceRequest).text(name);

export const loginRequest = (username: string, method: string): FieldWriter =>
  new FieldWriter(messages.loginRequest).text(username).text('ssh-connection').text(method);

export const passwordRequest = (username: string, password: string): FieldWriter =>
  loginRequest(username, 'password').boolean(false).text(password);

export async function loggedIn(login: Login, options: RawPeerOptions = {}): Promise<RawPeer> {
  const peer = await RawPeer.dial(login.port, options);
  peer.send(serviceRequest(), passwordRequest(login.username, login.password));
  const answer = await peer.next(messages.loginSuccess, messages.loginFailure);
  if (answer?.[0] !== messages.loginSuccess) throw new Error('the login was not accepted');
  return peer;
}

export interface OpenOptions {
  readonly id?: number;
  readonly window?: number;
  readonly packet?: number;
  readonly type?: string;
}

export const openRequest = (options: OpenOptions = {}): FieldWriter => {
  const { id = 0, window = 2 ** 21, packet = 2 ** 15, type = 'session' } = options;
  return new FieldWriter(messages.channelOpen).text(type).uint32(id).uint32(window).uint32(packet);
};

/** The server's number of the new channel; undefined when it is refused or the connection closed. */
export async function opened(
  peer: RawPeer,
  options: OpenOptions = {},
): Promise<number | undefined> {
  peer.send(openRequest(options));
  const answer = await peer.next(messages.channelOpenConfirmation, messages.channelOpenFailure);
  if (answer?.[0] !== messages.channelOpenConfirmation) return undefined;
  const fields = new FieldReader(answer, 5);
  return fields.uint32();
}

export const about = (type: number, channel: number): FieldWriter =>
  new FieldWriter(type).uint32(channel);

export const data = (channel: number, bytes: Buffer | string): FieldWriter =>
  about(messages.channelData, channel).bytes(Buffer.from(bytes));

export const channelRequest = (channel: number, name: string, wantReply = true): FieldWriter =>
  about(messages.channelRequest, channel).text(name).boolean(wantReply);

export const exec = (channel: number, command: string): FieldWriter =>
  channelRequest(channel, 'exec').text(command);

/** Runs a command in a session of its own; all that it wrote. */
export async function run(peer: RawPeer, command: string): Promise<string | undefined> {
  const id = 4_000_000;
  const channel = await opened(peer, { id });
  if (channel === undefined) return undefined;
  peer.send(exec(channel, command));
  let text = '';
  for (;;) {
    const message = await peer.next(messages.channelData, messages.channelClose);
    if (message === undefined) return undefined;
    if (message.readUInt32BE(1) !== id) continue;
    if (message[0] === messages.channelClose) break;
    text += new FieldReader(message, 5).text();
  }
  peer.send(about(messages.channelClose, channel));
  return text;
}
