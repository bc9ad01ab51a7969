// SSLRequest, GSSENCRequest, CancelRequest and StartupMessage, PostgreSQL "Message Formats".

import { BodyReader } from './body-reader.ts';
import { packetBody } from './body-writer.ts';
import { malformed, WireError } from './wire-error.ts';

export const protocolVersion = 0x0003_0000;
/** The newest that is spoken with clients: it has long cancel keys. */
export const longKeysVersion = 0x0003_0002;

const cancelCode = 80_877_102;
const sslCode = 80_877_103;
const gssCode = 80_877_104;

/** Protocol 3.2 allows cancel keys of up to 256 bytes; 3.0 has 4. */
export const secretKeyBytesMin = 4;
export const secretKeyBytesMax = 256;

export type StartupParameter = readonly [name: string, value: string];

/** What the client has to be told by NegotiateProtocolVersion before authentication goes on. */
export interface Negotiation {
  readonly version: number;
  readonly unrecognized: readonly string[];
}

export interface StartupMessage {
  readonly kind: 'startup';
  /** What is spoken from here on: no newer one than was asked for. */
  readonly version: number;
  /** Names in lower case, in the order sent, without duplicates. */
  readonly parameters: readonly StartupParameter[];
  /** Empty when the client sent none. */
  readonly user: string;
  /** Undefined when absent or empty: PostgreSQL then takes the user's name. */
  readonly database: string | undefined;
  readonly applicationName: string | undefined;
  /** Command-line options for the server process: can change how SQL text is read. */
  readonly options: string | undefined;
  /** Turns the connection into one that speaks replication commands. */
  readonly replication: string | undefined;
  readonly negotiation: Negotiation | undefined;
}

export interface CancelRequest {
  readonly kind: 'cancel';
  readonly processId: number;
  readonly secretKey: Buffer;
}

export type StartupPacket =
  StartupMessage | CancelRequest | { readonly kind: 'ssl' } | { readonly kind: 'gss' };

/** A whole packet, its length included, as StartupReader cuts it. */
export const decodeStartupPacket = (packet: Buffer): StartupPacket => {
  const body = new BodyReader(packet, 0);
  if (body.int32() !== packet.length) throw malformed('packet length is not its size');
  const code = body.int32();
  switch (code) {
    case cancelCode:
      return decodeCancel(body);
    case sslCode:
      body.finish();
      return { kind: 'ssl' };
    case gssCode:
      body.finish();
      return { kind: 'gss' };
    default:
      return decodeStartup(code, body);
  }
};

const decodeCancel = (body: BodyReader): CancelRequest => {
  const processId = body.int32();
  const bytes = body.remaining;
  if (bytes < secretKeyBytesMin || bytes > secretKeyBytesMax) {
    throw malformed(`cancel key of ${bytes} bytes`);
  }
  return { kind: 'cancel', processId, secretKey: body.rest() };
};

const decodeStartup = (version: number, body: BodyReader): StartupMessage => {
  const major = version >>> 16;
  if (major !== 3) {
    throw new WireError('protocol-unsupported', `protocol ${major}.${version & 0xffff}`);
  }
  const parameters = decodeParameters(body);
  const value = (name: string): string | undefined => parameters.get(name);
  const unrecognized = [...parameters.keys()].filter((name) => name.startsWith('_pq_.'));
  const spoken = Math.min(version, longKeysVersion);
  const isNegotiated = version !== spoken || unrecognized.length > 0;
  return {
    kind: 'startup',
    version: spoken,
    parameters: [...parameters],
    user: value('user') ?? '',
    database: value('database') === '' ? undefined : value('database'),
    applicationName: value('application_name'),
    options: value('options'),
    replication: value('replication'),
    negotiation: isNegotiated ? { version: spoken, unrecognized } : undefined,
  };
};

/**
 * PostgreSQL matches setting names without case, the last one wins; two that differ by case only
 * would let one be judged and another be used.
 */
const decodeParameters = (body: BodyReader): Map<string, string> => {
  const parameters = new Map<string, string>();
  for (;;) {
    const nameBytes = body.cstring();
    if (nameBytes.length === 0) break;
    if (!nameBytes.every((byte) => byte > 0x20 && byte < 0x7f)) {
      throw malformed('startup parameter name is not printable ASCII');
    }
    const name = nameBytes.toString('latin1').toLowerCase();
    if (parameters.has(name)) throw malformed('startup parameter given twice');
    parameters.set(name, body.text());
  }
  body.finish();
  return parameters;
};

export const encodeSslRequest = (): Buffer => packetBody().int32(sslCode).packet();

export const encodeGssRequest = (): Buffer => packetBody().int32(gssCode).packet();

export const encodeCancelRequest = (
  request: Pick<CancelRequest, 'processId' | 'secretKey'>,
): Buffer =>
  packetBody().int32(cancelCode).int32(request.processId).bytes(request.secretKey).packet();

/** `parameters` must hold `user`; an empty name would end the list and is refused. */
export const encodeStartup = (
  parameters: readonly StartupParameter[],
  version: number = protocolVersion,
): Buffer => {
  const body = packetBody().int32(version);
  for (const [name, value] of parameters) {
    if (name === '') throw malformed('startup parameter without a name');
    body.text(name).text(value);
  }
  return body.uint8(0).packet();
};
