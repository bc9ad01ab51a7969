// One readable line for a packet of SFTP: the golden value of transcripts.

import { packetTypes } from '../../hosts/ssh/files/sftp/packet-types.ts';
import { decodeSftpRequest, decodeWriteHead } from '../../hosts/ssh/files/sftp/request.ts';
import { decodeDataHead, decodeSftpResponse } from '../../hosts/ssh/files/sftp/response.ts';
import { decodeSftpVersion } from '../../hosts/ssh/files/sftp/version.ts';

const headBytes = 13;

/** With its kind where the packet's type does not say it. */
function valueOf(packet: Buffer): object {
  switch (packet[4]) {
    case packetTypes.init:
      return { kind: 'init', ...decodeSftpVersion(packet) };
    case packetTypes.version:
      return { kind: 'version', ...decodeSftpVersion(packet) };
    case packetTypes.write:
      return { kind: 'write', ...decodeWriteHead(packet) };
    case packetTypes.data:
      return { kind: 'data', ...decodeDataHead(packet.subarray(0, headBytes)) };
    default:
      return (packet[4] ?? 0) > 100 && packet[4] !== packetTypes.extended
        ? decodeSftpResponse(packet)
        : decodeSftpRequest(packet);
  }
}

const show = (value: unknown): string => {
  if (Buffer.isBuffer(value)) return show(value.toString('latin1'));
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}=${show(field)}`);
  return `{${fields.join(' ')}}`;
};

/** `open id=1 path="/a" flags=1 attributes={}`. */
export function traceSftp(packet: Buffer): string {
  const { kind, ...fields } = valueOf(packet) as { kind: string };
  return [kind, ...Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`)].join(
    ' ',
  );
}
