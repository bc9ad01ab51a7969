// `host:port` text, IPv6 hosts in brackets (RFC 3986 §3.2.2).

import { ConfigError } from '#engine/model';

export interface Address {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  /** 0 lets the system choose when listening. */
  readonly port: number;
}

const shape = /^(?:\[(?<ipv6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:[\]/]+)):(?<port>\d{1,5})$/;

/** @throws ConfigError `config-invalid` */
export function parseAddress(text: string): Address {
  const groups = shape.exec(text)?.groups;
  const host = groups?.['ipv6'] ?? groups?.['host'];
  const port = Number(groups?.['port']);
  if (host === undefined || port > 65_535) {
    throw new ConfigError('config-invalid', `"${text}" is not an address`, {
      hint: 'write host:port, for example 127.0.0.1:5432 or [::]:5432',
    });
  }
  return { host, port };
}

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
