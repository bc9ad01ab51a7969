// What a case is: bytes for a gateway, or for a gateway to get from its target, and what must come of them.

/** What a request needs to be served at all: the gateway's idea of a target and of a caller. */
export interface Addressee {
  readonly host: string;
  /** Lines of the head; none where nobody asks who calls. */
  readonly credentials: readonly string[];
}

/**
 * `refused`: nothing reaches the target, and the caller gets a 4xx or is cut off; of an answer, that the caller gets a
 * 502 or is cut off. `same`: the target gets what was judged, byte for byte; of an answer, that the caller gets its body.
 */
export type Expected = 'refused' | 'same';

export interface Payload {
  readonly name: string;
  /** What is attacked, in one word. */
  readonly class: string;
  readonly expect: Expected;
  readonly bytes: (to: Addressee) => Buffer;
  /** The rule that refuses it; any rule where it is left out. */
  readonly rule?: string | undefined;
  /** The request that it comes to, where that is not what its bytes say. */
  readonly comesTo?: Payload['bytes'];
  /** What must not be among the bytes that the target gets. */
  readonly absent?: string;
  /** The caller ends its side behind the bytes. */
  readonly endsWriting?: boolean;
  /** Frames of HTTP/2 rather than text of HTTP/1.1. */
  readonly isHttp2?: boolean;
  /** What the target answers. */
  readonly answer?: Answer;
}

export interface Answer {
  readonly bytes: Buffer;
  /** Whether the target closes the connection behind them. */
  readonly closes: boolean;
}

/** Lines of a head, and a body; one byte a character. */
export interface Message {
  /** Request line. */
  readonly first: string;
  /** Behind Host and the credentials. */
  readonly lines?: readonly string[];
  readonly body?: string;
  /** Instead of the Host line that leads to the target. */
  readonly hosts?: readonly string[];
}

export const bytesOf =
  ({ first, lines = [], body = '', hosts }: Message): Payload['bytes'] =>
  ({ host, credentials }) => {
    const head = [first, ...(hosts ?? [`Host: ${host}`]), ...credentials, ...lines];
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
  };

export const refused = (kind: string, name: string, message: Message, rule?: string): Payload => ({
  class: kind,
  name,
  expect: 'refused',
  bytes: bytesOf(message),
  rule,
});

export const same = (kind: string, name: string, message: Message): Payload => ({
  class: kind,
  name,
  expect: 'same',
  bytes: bytesOf(message),
});

/** Chunks of a body, ended. */
export const chunked = (...chunks: readonly string[]): string =>
  `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;

/** A request that must never be seen by the target: what most framing attacks want to slip in. */
export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: app.localhost\r\n\r\n';
