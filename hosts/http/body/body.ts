// `input.statement.body`: what a request carries, read by its content type.

import type { Json } from '#engine/model';

import { withinFactsBound } from './facts-size.ts';
import { readForm, type FormField } from './form.ts';
import { isJsonType, readMediaType, requireUtf8 } from './media-type.ts';
import { readMultipart, type Part } from './multipart.ts';
import { reading, type Read } from './refusal.ts';
import { readJson, type JsonOptions } from './strict-json.ts';

// A type, not an interface: facts must be assignable to `JsonObject`.
export type BodyFacts = {
  readonly kind: 'none' | 'unread' | 'json' | 'form' | 'multipart' | 'opaque';
  /** Null unless `kind` is json. */
  readonly json: Json;
  readonly fields: readonly FormField[];
  readonly parts: readonly Part[];
};

const empty = { json: null, fields: [], parts: [] } as const;

/** No body was sent. */
export const noBody: BodyFacts = { kind: 'none', ...empty };

/** There may be one, and no rule reads it. */
export const unreadBody: BodyFacts = { kind: 'unread', ...empty };

/** `body` is whole and not encoded; `contentType` is the header's value, empty when there is none. */
export const readBody = (
  body: Buffer,
  contentType: string,
  options: JsonOptions = {},
): Read<BodyFacts> =>
  reading(() => withinFactsBound(body.length === 0 ? noBody : factsOf(body, contentType, options)));

const factsOf = (body: Buffer, contentType: string, options: JsonOptions): BodyFacts => {
  const type = readMediaType(contentType);
  if (isJsonType(type)) {
    requireUtf8(type);
    return { ...empty, kind: 'json', json: readJson(body, options) };
  }
  switch (type.essence) {
    case 'application/x-www-form-urlencoded':
      requireUtf8(type);
      return { ...empty, kind: 'form', fields: readForm(body) };
    case 'multipart/form-data':
      requireUtf8(type);
      return { ...empty, kind: 'multipart', parts: readMultipart(body, type) };
    default:
      return { ...empty, kind: 'opaque' };
  }
};
