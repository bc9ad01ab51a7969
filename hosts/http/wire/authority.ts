// Host and :authority (RFC 3986 §3.2, RFC 9110 §7.2): one spelling of who is addressed.

import { broken } from './rules.ts';

export interface Authority {
  /** Lower-case host, and the port unless it is the scheme's own. */
  readonly authority: string;
  readonly host: string;
}

export type Scheme = 'https' | 'http';

const defaultPorts = { https: 443, http: 80 } as const;
const portMax = 65_535;
const authorityBytesMax = 255 + ':65535'.length;

/** Labels of letters, digits, hyphens and underscores; no dot at the end, where some servers cut it off. */
const hostName =
  /^(?=.*[a-z0-9])[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const hostAndPort = /^([^:[\]]+|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?$/;

/** @throws BrokenRequest for userinfo, escapes, lists, spaces, empty or odd ports, and all else that is no host. */
export function readAuthority(text: string, scheme: Scheme): Authority {
  if (text.length > authorityBytesMax) throw broken('host-syntax');
  const [, host = '', digits] = hostAndPort.exec(text.toLowerCase()) ?? [];
  const isHost = host.startsWith('[') ? isAddress(host) : hostName.test(host);
  if (!isHost) throw broken('host-syntax');
  const port = digits === undefined ? defaultPorts[scheme] : Number(digits);
  if (port > portMax) throw broken('host-syntax');
  return { authority: port === defaultPorts[scheme] ? host : `${host}:${port}`, host };
}

/** An IPv6 address in brackets, in the one spelling of RFC 5952. */
function isAddress(host: string): boolean {
  const url = URL.parse(`http://${host}/`);
  return url?.hostname === host;
}
