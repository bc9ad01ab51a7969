// `input.statement.message`: one WebSocket message, RFC 6455 §5.6.

import type { Json } from '#engine/model';

import { withinFactsBound } from './facts-size.ts';
import { BodyRefusal, reading, type Read } from './refusal.ts';
import { readJson, type JsonOptions } from './strict-json.ts';

// A type, not an interface: facts must be assignable to `JsonObject`.
export type MessageFacts = {
  readonly direction: 'up' | 'down';
  readonly type: 'text' | 'binary';
  /** Bytes of the payload. */
  readonly size: number;
  /** The document of a text message that is JSON; null otherwise. */
  readonly json: Json;
};

export interface Message {
  readonly direction: 'up' | 'down';
  readonly type: 'text' | 'binary';
  /** Whole: its fragments put together, unmasked and decompressed. */
  readonly payload: Buffer;
}

/** Text that is no JSON has no document; JSON that readers may take for different documents is refused. */
export const messageFacts = (message: Message, options: JsonOptions = {}): Read<MessageFacts> =>
  reading(() => {
    const { direction, type, payload } = message;
    const json = type === 'text' ? documentOf(payload, options) : null;
    return withinFactsBound({ direction, type, size: payload.length, json });
  });

const documentOf = (payload: Buffer, options: JsonOptions): Json => {
  const document = reading(() => readJson(payload, options));
  if (document.kind === 'read') return document.value;
  if (document.rule === 'json-syntax') return null;
  throw new BodyRefusal(document.rule, document.message);
};
