// What a target answers (draft-ietf-secsh-filexfer-02 §7): packet to value and back. DATA is read by its head alone.

import { isUtf8 } from 'node:buffer';
import { BrokenChannel, RefusedRequest, requestRules, type RequestRule } from '../rules.ts';
import { encodeAttributes, skimAttributes, type Attributes } from './attributes.ts';
import { FieldReader } from './field-reader.ts';
import { FieldWriter } from './field-writer.ts';
import {
  handleBytesMax,
  headerBytes,
  lengthBytes,
  packetTypes as types,
  statusCodes,
} from './packet-types.ts';

export interface StatusResponse {
  readonly kind: 'status';
  readonly id: number;
  readonly code: number;
  readonly message: string;
}

export interface NamedFile {
  readonly name: Buffer;
  readonly attributes: Attributes;
}

export type SftpResponse =
  | StatusResponse
  | { readonly kind: 'handle'; readonly id: number; readonly handle: string }
  | { readonly kind: 'name'; readonly id: number; readonly names: readonly NamedFile[] }
  | { readonly kind: 'attrs'; readonly id: number; readonly attributes: Attributes }
  | { readonly kind: 'extended-reply'; readonly id: number; readonly body: Buffer };

export type ResponseKind = SftpResponse['kind'] | 'data';

/** Version 3 ends a STATUS with message and language; some servers leave them out. */
function readStatus(fields: FieldReader, id: number): StatusResponse {
  const code = fields.uint32();
  if (fields.remaining === 0) return { kind: 'status', id, code, message: '' };
  const message = fields.string().toString('utf8');
  if (fields.remaining > 0) fields.string();
  return { kind: 'status', id, code, message };
}

/** An entry takes at least 12 bytes, so a count costs no memory that was not received. */
function readNames(fields: FieldReader): readonly NamedFile[] {
  const names: NamedFile[] = [];
  for (let left = fields.uint32(); left > 0; left -= 1) {
    const name = fields.string();
    // The long name, for people.
    fields.string();
    names.push({ name, attributes: skimAttributes(fields) });
  }
  return names;
}

function readFields(fields: FieldReader, type: number, id: number): SftpResponse {
  switch (type) {
    case types.status:
      return readStatus(fields, id);
    case types.handle: {
      const handle = fields.handle();
      if (handle === '' || handle.length > handleBytesMax) throw new BrokenChannel('target-handle');
      return { kind: 'handle', id, handle };
    }
    case types.name:
      return { kind: 'name', id, names: readNames(fields) };
    case types.attrs:
      return { kind: 'attrs', id, attributes: skimAttributes(fields) };
    case types.extendedReply:
      return { kind: 'extended-reply', id, body: fields.bytes(fields.remaining) };
    default:
      throw new BrokenChannel('target-packet-unknown');
  }
}

/** Fields that do not fit are the target's fault here. */
function orBroken<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RefusedRequest) throw new BrokenChannel('target-packet-malformed');
    throw error;
  }
}

/**
 * A whole packet of any type but VERSION and DATA.
 *
 * @throws BrokenChannel
 */
export const decodeSftpResponse = (packet: Buffer): SftpResponse =>
  orBroken(() => {
    const fields = new FieldReader(packet, lengthBytes);
    const response = readFields(fields, fields.uint8(), fields.uint32());
    fields.finish();
    return response;
  });

/**
 * The fields of DATA in front of its content, which fills the rest of the packet exactly.
 *
 * @throws BrokenChannel
 */
export const decodeDataHead = (head: Buffer): { readonly id: number; readonly bytes: number } =>
  orBroken(() => {
    const fields = new FieldReader(head, headerBytes);
    const id = fields.uint32();
    const bytes = fields.uint32();
    const headBytes = head.length - fields.remaining;
    if (head.readUInt32BE(0) + 4 !== headBytes + bytes) {
      throw new BrokenChannel('target-packet-malformed');
    }
    return { id, bytes };
  });

export function encodeSftpResponse(response: SftpResponse): Buffer {
  switch (response.kind) {
    case 'status':
      return encodeStatus(response.id, response.code, response.message);
    case 'handle':
      return new FieldWriter(types.handle).uint32(response.id).handle(response.handle).packet();
    case 'attrs':
      return encodeAttributes(
        new FieldWriter(types.attrs).uint32(response.id),
        response.attributes,
      ).packet();
    case 'extended-reply':
      return new FieldWriter(types.extendedReply).uint32(response.id).bytes(response.body).packet();
    case 'name': {
      const fields = new FieldWriter(types.name).uint32(response.id).uint32(response.names.length);
      for (const { name, attributes } of response.names) {
        encodeAttributes(fields.string(name).string(name), attributes);
      }
      return fields.packet();
    }
  }
}

export const encodeStatus = (id: number, code: number, message: string): Buffer =>
  new FieldWriter(types.status).uint32(id).uint32(code).string(message).string('').packet();

export const encodeData = (id: number, content: Buffer): Buffer =>
  new FieldWriter(types.data).uint32(id).string(content).packet();

/** What a client is told of a request that a rule refuses. */
export const refusalOf = (id: number, rule: RequestRule): Buffer =>
  encodeStatus(id, requestRules[rule][0], `${rule}: ${requestRules[rule][1]}`);

export const denialOf = (id: number, message: string): Buffer =>
  encodeStatus(id, statusCodes.permissionDenied, message);

/** The one path of a REALPATH: absolute, in full, UTF-8; undefined for anything else. */
export function resolvedPath(names: readonly NamedFile[]): string | undefined {
  const [first] = names;
  if (first === undefined || names.length !== 1) return undefined;
  const { name } = first;
  if (name.includes(0) || !isUtf8(name)) return undefined;
  const path = name.toString('utf8');
  const isInFull =
    path.startsWith('/') && !/\/(\.{0,2})(\/|$)/.test(path.slice(path === '/' ? 1 : 0));
  return isInFull ? path : undefined;
}
