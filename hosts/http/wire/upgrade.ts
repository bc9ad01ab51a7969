// The caller's side of the opening handshake of a WebSocket (RFC 6455 §4.1). No other upgrade passes.

import type { Framing } from './framing.ts';
import type { HeaderField } from './header-fields.ts';
import { listOf, valuesOf } from './header-fields.ts';
import { broken } from './rules.ts';

export interface WebSocketUpgrade {
  readonly kind: 'websocket';
  /** 16 bytes, base64. */
  readonly key: string;
  /** In the order of preference, none twice. */
  readonly protocols: readonly string[];
}

export interface UpgradeContext {
  readonly version: string;
  readonly method: string;
  readonly framing: Framing;
  /** Options of Connection. */
  readonly options: ReadonlySet<string>;
}

/** 22 digits that hold 16 bytes: the last one's low bits are zero, so that each key has one spelling. */
const key16 = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @throws BrokenRequest */
export function readUpgrade(
  fields: readonly HeaderField[],
  { version, method, framing, options }: UpgradeContext,
): WebSocketUpgrade | undefined {
  const [protocol] = valuesOf(fields, 'upgrade');
  if (protocol === undefined) {
    const hasLeftover = fields.some(([name]) => name.startsWith('sec-websocket-'));
    if (hasLeftover) throw broken('websocket-handshake', 'there is no Upgrade');
    return undefined;
  }
  const canUpgrade = version === '1.1' && method === 'GET' && framing.kind === 'none';
  const asksProperly = protocol.toLowerCase() === 'websocket' && options.has('upgrade');
  if (!canUpgrade || !asksProperly) throw broken('upgrade');
  return readHandshake(fields);
}

function readHandshake(fields: readonly HeaderField[]): WebSocketUpgrade {
  const [version] = valuesOf(fields, 'sec-websocket-version');
  if (version !== '13') throw broken('websocket-handshake', 'the version is not 13');
  const [key = ''] = valuesOf(fields, 'sec-websocket-key');
  if (!key16.test(key)) throw broken('websocket-handshake', 'the key is not 16 bytes in base64');
  const protocols = listOf(fields, 'sec-websocket-protocol');
  const isSet = new Set(protocols).size === protocols.length;
  if (!isSet || !protocols.every((name) => token.test(name))) {
    throw broken('websocket-handshake', 'the subprotocols are not different tokens');
  }
  return { kind: 'websocket', key, protocols };
}
