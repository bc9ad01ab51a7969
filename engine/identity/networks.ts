// Networks from which a credential counts: addresses and CIDR blocks (RFC 4632, RFC 4291 §2.3).

import { BlockList, isIP } from 'node:net';

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** `undefined` when one of them is neither an address nor a block. */
export function networkList(networks: readonly string[]): BlockList | undefined {
  const list = new BlockList();
  for (const network of networks) {
    const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
    if (isIP(address) === 0) return undefined;
    const bitsMax = family(address) === 'ipv4' ? 32 : 128;
    if (bits !== undefined && Number(bits) > bitsMax) return undefined;
    list.addSubnet(address, bits === undefined ? bitsMax : Number(bits), family(address));
  }
  return list;
}

/**
 * @param networks from anywhere when left out; from nowhere when one of them is none
 * @param client an IP address, IPv4 as such
 */
export function isFrom(networks: readonly string[] | undefined, client: string): boolean {
  if (networks === undefined) return true;
  if (isIP(client) === 0) return false;
  return networkList(networks)?.check(client, family(client)) ?? false;
}
