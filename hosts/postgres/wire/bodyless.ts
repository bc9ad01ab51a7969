// Messages that are a header only, of both directions. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend, frontend } from './message-types.ts';
import { malformed } from './wire-error.ts';

const bodyless: ReadonlySet<number> = new Set([
  frontend.copyDone, // the backend's has the same byte
  frontend.flush,
  frontend.sync,
  frontend.terminate,
  backend.bindComplete,
  backend.closeComplete,
  backend.emptyQueryResponse,
  backend.noData,
  backend.parseComplete,
  backend.portalSuspended,
]);

/** Answers the type. */
export const decodeBodyless = (frame: Buffer): number => {
  const type = frame[0] ?? 0;
  if (!bodyless.has(type)) throw malformed('message of another type');
  openFrame(frame, type).finish();
  return type;
};

export const encodeBodyless = (type: number): Buffer => frameBody(0).frame(type);
