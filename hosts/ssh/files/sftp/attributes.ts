// File attributes (draft-ietf-secsh-filexfer-02 §5).

import { RefusedRequest } from '../rules.ts';
import type { FieldReader } from './field-reader.ts';
import type { FieldWriter } from './field-writer.ts';

const flags = { size: 0x1, owner: 0x2, permissions: 0x4, times: 0x8, extended: 0x8000_0000 };
const requestFlags = flags.size | flags.owner | flags.permissions | flags.times;

export interface Attributes {
  readonly size?: number;
  readonly owner?: { readonly user: number; readonly group: number };
  /** As in `st_mode`, with the type of the file where the target sends it. */
  readonly permissions?: number;
  /** Seconds since 1970. */
  readonly times?: { readonly access: number; readonly modification: number };
}

const decode = (fields: FieldReader, present: number): Attributes => ({
  ...(present & flags.size ? { size: fields.uint64() } : {}),
  ...(present & flags.owner ? { owner: { user: fields.uint32(), group: fields.uint32() } } : {}),
  ...(present & flags.permissions ? { permissions: fields.uint32() } : {}),
  ...(present & flags.times
    ? { times: { access: fields.uint32(), modification: fields.uint32() } }
    : {}),
});

/** Of a request: what we do not know, the target might. */
export function decodeAttributes(fields: FieldReader): Attributes {
  const present = fields.uint32();
  if ((present & ~requestFlags) !== 0) throw new RefusedRequest('attributes-flags');
  return decode(fields, present);
}

/** Of an answer: extended attributes are stepped over, since the client gets the bytes as they came. */
export function skimAttributes(fields: FieldReader): Attributes {
  const present = fields.uint32();
  const attributes = decode(fields, present);
  if ((present & flags.extended) === 0) return attributes;
  for (let left = fields.uint32(); left > 0; left -= 1) {
    fields.string();
    fields.string();
  }
  return attributes;
}

export function encodeAttributes(fields: FieldWriter, attributes: Attributes): FieldWriter {
  const { size, owner, permissions, times } = attributes;
  fields.uint32(
    (size === undefined ? 0 : flags.size) |
      (owner === undefined ? 0 : flags.owner) |
      (permissions === undefined ? 0 : flags.permissions) |
      (times === undefined ? 0 : flags.times),
  );
  if (size !== undefined) fields.uint64(size);
  if (owner !== undefined) fields.uint32(owner.user).uint32(owner.group);
  if (permissions !== undefined) fields.uint32(permissions);
  if (times !== undefined) fields.uint32(times.access).uint32(times.modification);
  return fields;
}
