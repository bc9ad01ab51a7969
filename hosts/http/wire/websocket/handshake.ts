// The answer to an opening handshake (RFC 6455 §4.2.2): what proves that the server read this request, and its bytes.

import { createHash } from 'node:crypto';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key. */
export const acceptKey = (key: string): string =>
  createHash('sha1').update(`${key}${guid}`, 'latin1').digest('base64');

export interface UpgradeAnswer {
  /** The caller's Sec-WebSocket-Key. */
  readonly key: string;
  /** One of those that the caller asked for. */
  readonly protocol: string | undefined;
}

/** The 101 for the caller; nothing of the target's own head is in it but the protocol. */
export function encodeUpgradeResponse({ key, protocol }: UpgradeAnswer): Buffer {
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
