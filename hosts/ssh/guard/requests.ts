// What is asked on a channel and about a connection (RFC 4254 §4, §6, §7; OpenSSH PROTOCOL §2), both ways.

import type { FieldReader } from './fields.ts';
import { FieldWriter } from './fields.ts';
import { messages } from './message-types.ts';
import { Violation } from './violation.ts';

/** At most 4096 cells either way. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
  /** Pixels; 0 when unknown. */
  readonly width: number;
  readonly height: number;
}

export type ChannelRequest =
  /** Modes as encoded (RFC 4254 §8). */
  | ({ readonly kind: 'pty'; readonly term: string; readonly modes: Buffer } & TerminalSize)
  | ({ readonly kind: 'window-change' } & TerminalSize)
  | { readonly kind: 'env'; readonly name: string; readonly value: Buffer }
  | { readonly kind: 'shell' }
  /** Bytes: whoever judges the command decides which encodings there are. */
  | { readonly kind: 'exec'; readonly command: Buffer }
  | { readonly kind: 'subsystem'; readonly name: string }
  /** Without `SIG`. */
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'exit-status'; readonly status: number }
  | {
      readonly kind: 'exit-signal';
      readonly name: string;
      readonly coreDumped: boolean;
      readonly message: string;
    }
  | { readonly kind: 'agent' }
  | { readonly kind: 'x11' }
  /** The peer reads no more of what is sent to it; it still sends. */
  | { readonly kind: 'eow' }
  | { readonly kind: 'break' }
  | { readonly kind: 'other'; readonly name: string };

export type GlobalRequest =
  | { readonly kind: 'listen'; readonly address: string; readonly port: number }
  | { readonly kind: 'unlisten'; readonly address: string; readonly port: number }
  | { readonly kind: 'listen-socket'; readonly path: string }
  | { readonly kind: 'unlisten-socket'; readonly path: string }
  | { readonly kind: 'no-more-sessions' }
  | { readonly kind: 'other'; readonly name: string };

export type ChannelType =
  | { readonly kind: 'session' }
  /** A connection that the client asks the gateway for. */
  | ({ readonly kind: 'direct-tcpip' } & Endpoints)
  /** A connection that came to a listener. */
  | ({ readonly kind: 'forwarded-tcpip' } & Endpoints)
  | { readonly kind: 'direct-socket'; readonly path: string }
  | { readonly kind: 'forwarded-socket'; readonly path: string }
  | { readonly kind: 'other'; readonly name: string };

export interface Endpoints {
  /** Where it leads, or which listener it came to. */
  readonly host: string;
  readonly port: number;
  readonly originHost: string;
  readonly originPort: number;
}

/** @param fields At the type-specific part. */
export function readChannelRequest(name: string, fields: FieldReader): ChannelRequest {
  switch (name) {
    case 'pty-req':
      return readTerminal(fields);
    case 'window-change':
      return whole(fields, { kind: 'window-change', ...readSize(fields) });
    case 'env':
      return whole(fields, { kind: 'env', name: fields.text(), value: fields.bytes() });
    case 'shell':
      return whole(fields, { kind: 'shell' });
    case 'exec':
      return whole(fields, { kind: 'exec', command: fields.bytes() });
    case 'subsystem':
      return whole(fields, { kind: 'subsystem', name: fields.text() });
    case 'signal':
      return whole(fields, { kind: 'signal', name: fields.text() });
    case 'exit-status':
      return whole(fields, { kind: 'exit-status', status: fields.uint32() });
    case 'exit-signal':
      return readExitSignal(fields);
    case 'auth-agent-req@openssh.com':
      return whole(fields, { kind: 'agent' });
    case 'eow@openssh.com':
      return whole(fields, { kind: 'eow' });
    case 'x11-req':
      return { kind: 'x11' };
    case 'break':
      return { kind: 'break' };
    default:
      return { kind: 'other', name };
  }
}

function readExitSignal(fields: FieldReader): ChannelRequest {
  const name = fields.text();
  const coreDumped = fields.boolean();
  const message = fields.text();
  fields.bytes();
  return whole(fields, { kind: 'exit-signal', name, coreDumped, message });
}

export function readGlobalRequest(name: string, fields: FieldReader): GlobalRequest {
  switch (name) {
    case 'tcpip-forward':
      return whole(fields, { kind: 'listen', address: fields.text(), port: fields.uint32() });
    case 'cancel-tcpip-forward':
      return whole(fields, { kind: 'unlisten', address: fields.text(), port: fields.uint32() });
    case 'streamlocal-forward@openssh.com':
      return whole(fields, { kind: 'listen-socket', path: fields.text() });
    case 'cancel-streamlocal-forward@openssh.com':
      return whole(fields, { kind: 'unlisten-socket', path: fields.text() });
    case 'no-more-sessions@openssh.com':
      return whole(fields, { kind: 'no-more-sessions' });
    default:
      return { kind: 'other', name };
  }
}

export function readChannelType(name: string, fields: FieldReader): ChannelType {
  switch (name) {
    case 'session':
      return whole(fields, { kind: 'session' });
    case 'direct-tcpip':
      return whole(fields, { kind: 'direct-tcpip', ...readEndpoints(fields) });
    case 'forwarded-tcpip':
      return whole(fields, { kind: 'forwarded-tcpip', ...readEndpoints(fields) });
    case 'direct-streamlocal@openssh.com': {
      const path = fields.text();
      // Reserved: a string, and a number.
      fields.bytes();
      fields.uint32();
      return whole(fields, { kind: 'direct-socket', path });
    }
    case 'forwarded-streamlocal@openssh.com': {
      const path = fields.text();
      fields.bytes();
      return whole(fields, { kind: 'forwarded-socket', path });
    }
    default:
      return { kind: 'other', name };
  }
}

const readEndpoints = (fields: FieldReader): Endpoints => ({
  ...{ host: fields.text(), port: fields.uint32() },
  ...{ originHost: fields.text(), originPort: fields.uint32() },
});

/** No screen is larger; whoever keeps lines as wide as it says must be able to. */
const cellsMax = 4096;
const pixelsMax = 65_535;
const termBytesMax = 256;
const modesBytesMax = 4096;

const readSize = (fields: FieldReader): TerminalSize => ({
  columns: Math.min(fields.uint32(), cellsMax),
  rows: Math.min(fields.uint32(), cellsMax),
  width: Math.min(fields.uint32(), pixelsMax),
  height: Math.min(fields.uint32(), pixelsMax),
});

function readTerminal(fields: FieldReader): ChannelRequest {
  const term = fields.text();
  const size = readSize(fields);
  const modes = fields.bytes();
  if (term.length > termBytesMax || modes.length > modesBytesMax) {
    throw new Violation('packet-malformed', 'no terminal has so long a name, or so many modes');
  }
  return whole(fields, { kind: 'pty', term, ...size, modes });
}

function whole<Read>(fields: FieldReader, read: Read): Read {
  fields.end();
  return read;
}

/** SSH_MSG_CHANNEL_REQUEST; those that carry fields of their own and are not listed cannot be sent. */
export function channelRequestPayload(
  channel: number,
  request: Exclude<ChannelRequest, { readonly kind: 'other' | 'x11' | 'break' }>,
  wantReply: boolean,
): Buffer {
  const begin = (name: string): FieldWriter =>
    new FieldWriter(messages.channelRequest).uint32(channel).text(name).boolean(wantReply);
  switch (request.kind) {
    case 'pty': {
      const fields = begin('pty-req').text(request.term);
      return writeSize(fields, request).bytes(request.modes).payload();
    }
    case 'window-change':
      return writeSize(begin('window-change'), request).payload();
    case 'env':
      return begin('env').text(request.name).bytes(request.value).payload();
    case 'shell':
      return begin('shell').payload();
    case 'exec':
      return begin('exec').bytes(request.command).payload();
    case 'subsystem':
      return begin('subsystem').text(request.name).payload();
    case 'signal':
      return begin('signal').text(request.name).payload();
    case 'exit-status':
      return begin('exit-status').uint32(request.status).payload();
    case 'exit-signal': {
      const { name, coreDumped, message } = request;
      return begin('exit-signal').text(name).boolean(coreDumped).text(message).text('').payload();
    }
    case 'agent':
      return begin('auth-agent-req@openssh.com').payload();
    case 'eow':
      return begin('eow@openssh.com').payload();
  }
}

const writeSize = (fields: FieldWriter, size: TerminalSize): FieldWriter =>
  fields.uint32(size.columns).uint32(size.rows).uint32(size.width).uint32(size.height);

/** The name of a channel's type, and its fields, as SSH_MSG_CHANNEL_OPEN has them around the windows. */
export function channelTypeFields(type: Exclude<ChannelType, { readonly kind: 'other' }>): {
  readonly name: string;
  readonly fields: Buffer;
} {
  switch (type.kind) {
    case 'session':
      return { name: 'session', fields: Buffer.alloc(0) };
    case 'direct-tcpip':
    case 'forwarded-tcpip':
      return { name: type.kind, fields: endpointFields(type) };
    case 'direct-socket': {
      const fields = bare().text(type.path).text('').uint32(0);
      return { name: 'direct-streamlocal@openssh.com', fields: fields.payload().subarray(1) };
    }
    case 'forwarded-socket': {
      const fields = bare().text(type.path).text('');
      return { name: 'forwarded-streamlocal@openssh.com', fields: fields.payload().subarray(1) };
    }
  }
}

const bare = (): FieldWriter => new FieldWriter(0);

const endpointFields = ({ host, port, originHost, originPort }: Endpoints): Buffer =>
  bare().text(host).uint32(port).text(originHost).uint32(originPort).payload().subarray(1);
