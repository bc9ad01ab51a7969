// INIT and VERSION (draft-ietf-secsh-filexfer-02 §4): version 3, whatever else a client offers; extensions by list.

import { BrokenChannel, RefusedRequest } from '../rules.ts';
import { extensionVersions, isExtension, type ExtensionName } from './extensions.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import { headerBytes, packetTypes, protocolVersion } from './packet-types.ts';

export interface Version {
  readonly version: number;
  /** Names and contents, as sent. */
  readonly extensions: readonly (readonly [name: string, content: string])[];
}

/** @throws RefusedRequest `packet-malformed` */
export function decodeSftpVersion(packet: Buffer): Version {
  const fields = new FieldReader(packet, headerBytes);
  const version = fields.uint32();
  const extensions: [string, string][] = [];
  while (fields.remaining > 0) {
    extensions.push([fields.string().toString('latin1'), fields.string().toString('latin1')]);
  }
  return { version, extensions };
}

export function encodeSftpVersion(
  type: 'init' | 'version',
  { version, extensions }: Version,
): Buffer {
  const fields = new FieldWriter(packetTypes[type]).uint32(version);
  for (const [name, content] of extensions) {
    fields.string(Buffer.from(name, 'latin1')).string(Buffer.from(content, 'latin1'));
  }
  return fields.packet();
}

/**
 * What the target gets instead of the client's INIT.
 *
 * @throws BrokenChannel
 */
export function initFor(packet: Buffer): Buffer {
  if (packet.readUInt8(headerBytes - 1) !== packetTypes.init)
    throw new BrokenChannel('init-missing');
  const { version } = readOr(packet, 'init-version');
  if (version < protocolVersion) throw new BrokenChannel('init-version');
  return encodeSftpVersion('init', { version: protocolVersion, extensions: [] });
}

/**
 * The extensions of the target that are on the list, in the version that we know.
 *
 * @throws BrokenChannel
 */
export function acceptVersion(packet: Buffer): ReadonlySet<ExtensionName> {
  if (packet.readUInt8(headerBytes - 1) !== packetTypes.version) {
    throw new BrokenChannel('target-version');
  }
  const { version, extensions } = readOr(packet, 'target-version');
  if (version !== protocolVersion) throw new BrokenChannel('target-version');
  const known = extensions.flatMap(([name, content]) =>
    isExtension(name) && extensionVersions[name] === content ? [name] : [],
  );
  return new Set(known);
}

export const versionOf = (extensions: ReadonlySet<ExtensionName>): Buffer =>
  encodeSftpVersion('version', {
    version: protocolVersion,
    extensions: [...extensions].map((name) => [name, extensionVersions[name]] as const),
  });

function readOr(packet: Buffer, rule: 'init-version' | 'target-version'): Version {
  try {
    return decodeSftpVersion(packet);
  } catch (error) {
    if (error instanceof RefusedRequest) throw new BrokenChannel(rule);
    throw error;
  }
}
