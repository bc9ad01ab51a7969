// The target's answer to an upgrade (RFC 9112 §4, RFC 6455 §4.1): believed only when every part of it is right.

import { acceptKey } from './handshake.ts';

export const upgradeRules = {
  'head-too-large': 'the head of the answer is larger than the limit',
  'head-malformed': 'the answer is not an HTTP/1.1 response head, read strictly',
  'status-unexpected': 'the status neither upgrades nor ends the request',
  'upgrade-header': 'the answer does not switch to websocket, and to that only',
  'accept-key': 'Sec-WebSocket-Accept does not belong to this request',
  'extension-unasked': 'the answer has an extension and none was asked for',
  'protocol-unasked': 'the answer has a subprotocol that was not asked for',
  'framing-unexpected': 'the answer announces a body',
} as const;

export type UpgradeRule = keyof typeof upgradeRules;

export type UpgradeHead =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'broken'; readonly rule: UpgradeRule }
  /** A complete answer that does not upgrade. */
  | { readonly kind: 'declined'; readonly status: number }
  | {
      readonly kind: 'upgraded';
      readonly protocol: string | undefined;
      /** Where the frames begin. */
      readonly headBytes: number;
    };

export interface AskedUpgrade {
  readonly key: string;
  readonly protocols: readonly string[];
  readonly headBytesMax: number;
}

const fieldsMax = 128;
const statusLine = /^HTTP\/1\.1 ([1-5][0-9]{2}) [\t\x20-\x7e\x80-\xff]*$/;
/** A token, then a value without controls; no space in front of the colon, no folded line. */
const fieldLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)$/;

/** `received` is all that came so far. */
export function readUpgradeHead(received: Buffer, asked: AskedUpgrade): UpgradeHead {
  const end = received.subarray(0, asked.headBytesMax).indexOf('\r\n\r\n');
  if (end < 0) {
    const isTooLarge = received.length >= asked.headBytesMax;
    return isTooLarge ? broken('head-too-large') : { kind: 'incomplete' };
  }
  const [first = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const status = Number(statusLine.exec(first)?.[1]);
  const fields = fieldsOf(lines);
  if (Number.isNaN(status) || fields === undefined) return broken('head-malformed');
  if (status !== 101) {
    return status < 200 ? broken('status-unexpected') : { kind: 'declined', status };
  }
  const rule = brokenRule(fields, asked);
  if (rule !== undefined) return broken(rule);
  const protocol = fields.get('sec-websocket-protocol')?.[0];
  return { kind: 'upgraded', protocol, headBytes: end + 4 };
}

const broken = (rule: UpgradeRule): UpgradeHead => ({ kind: 'broken', rule });

type Fields = ReadonlyMap<string, readonly string[]>;

function fieldsOf(lines: readonly string[]): Fields | undefined {
  if (lines.length > fieldsMax) return undefined;
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value = ''] = fieldLine.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    fields.set(key, [...(fields.get(key) ?? []), value.trim()]);
  }
  return fields;
}

function brokenRule(fields: Fields, asked: AskedUpgrade): UpgradeRule | undefined {
  const all = (name: string): readonly string[] => fields.get(name) ?? [];
  const options = all('connection').flatMap((value) => value.toLowerCase().split(/[\t ]*,[\t ]*/));
  const [accept, ...others] = all('sec-websocket-accept');
  const [protocol, ...protocols] = all('sec-websocket-protocol');
  const isAsked = protocol === undefined || asked.protocols.includes(protocol);

  const [upgrade, ...upgrades] = all('upgrade');
  const switches = upgrade?.toLowerCase() === 'websocket' && upgrades.length === 0;
  if (!switches || !options.includes('upgrade')) return 'upgrade-header';
  if (accept !== acceptKey(asked.key) || others.length > 0) return 'accept-key';
  if (all('sec-websocket-extensions').length > 0) return 'extension-unasked';
  if (!isAsked || protocols.length > 0) return 'protocol-unasked';
  const announcesBody = all('transfer-encoding').length + all('content-length').length > 0;
  return announcesBody ? 'framing-unexpected' : undefined;
}
