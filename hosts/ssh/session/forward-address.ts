// Where a forward really leads: names are resolved here, so that what is judged is what the target connects to.

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { posix } from 'node:path';

export type ForwardAddress =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'refused'; readonly message: string };

export interface ForwardScope {
  /** The target's own loopback may be reached. */
  readonly loopback: boolean;
}

/** Where clouds tell machines their credentials, and every other address of one link (RFC 3927, RFC 4291 §2.5.6). */
const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16);
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addAddress('fd00:ec2::254', 'ipv6');
linkLocal.addAddress('fd20:ce::254', 'ipv6');
linkLocal.addAddress('fd00:c1::a9fe:a9fe', 'ipv6');
linkLocal.addAddress('100.100.100.200');
linkLocal.addAddress('168.63.129.16');
linkLocal.addAddress('192.0.0.192');

/** What every machine takes as itself (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addSubnet('0.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
loopback.addAddress('::', 'ipv6');

/** Groups of receivers, and what is not given out (RFC 5771, RFC 1112 §4). */
const nobody = new BlockList();
nobody.addSubnet('224.0.0.0', 4);
nobody.addSubnet('240.0.0.0', 4);
nobody.addSubnet('ff00::', 8, 'ipv6');

/** Other spellings of IPv4 addresses. A list of their own: Node takes each IPv4 address for one of `::ffff:0:0/96`. */
const disguised = new BlockList();
disguised.addSubnet('::', 96, 'ipv6');
disguised.addSubnet('::ffff:0:0', 96, 'ipv6');
disguised.addSubnet('::ffff:0:0:0', 96, 'ipv6');
disguised.addSubnet('64:ff9b::', 96, 'ipv6');
disguised.addSubnet('64:ff9b:1::', 48, 'ipv6');
disguised.addSubnet('2001::', 32, 'ipv6');
disguised.addSubnet('2002::', 16, 'ipv6');

/** One name or address of at most 255 bytes; a zone (`%eth0`) is none. */
const hostPattern = /^[A-Za-z0-9_][A-Za-z0-9._:-]{0,254}$|^:[0-9A-Fa-f:.]{1,254}$/;

/** Systems that take more of a port than sixteen bits cut off the rest: 65558 would be 22. */
export const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

/** Absolute and with one spelling, so that a rule about a path is about what the target opens. */
export const isSocketPath = (path: string): boolean =>
  /^\/\P{Cc}{1,254}$/u.test(path) && posix.resolve(path) === path;

/** A name that leads to several addresses is refused when one of them would be: the next answer may be that one. */
export async function forwardAddress(host: string, scope: ForwardScope): Promise<ForwardAddress> {
  if (!hostPattern.test(host)) return refused('this is no name and no address');
  let found: readonly { readonly address: string }[];
  try {
    found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
  } catch {
    return refused(`the gateway finds no address of ${host}`);
  }
  const [first] = found;
  if (first === undefined) return refused(`the gateway finds no address of ${host}`);
  for (const { address } of found) {
    const why = whyNot(address, scope);
    if (why !== undefined) return refused(why);
  }
  return { kind: 'address', address: first.address };
}

function whyNot(address: string, scope: ForwardScope): string | undefined {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(address, family)) {
    if (scope.loopback) return undefined;
    return `${address} is the target's own, which forward_loopback of the target has to allow`;
  }
  if (linkLocal.check(address, family)) {
    return `${address} is an address of the link, or of metadata`;
  }
  const hidden = family === 'ipv6' && disguised.check(address, family);
  return hidden || nobody.check(address, family) ? `${address} cannot be forwarded to` : undefined;
}

const refused = (message: string): ForwardAddress => ({ kind: 'refused', message });
