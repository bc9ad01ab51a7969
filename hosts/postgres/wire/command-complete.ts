// CommandComplete (B) 'C': String. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';

/** The tag: `INSERT 0 3`, `SELECT 10`, `BEGIN`. */
export const decodeCommandComplete = (frame: Buffer): string => {
  const body = openFrame(frame, backend.commandComplete);
  const tag = body.text();
  body.finish();
  return tag;
};

export const encodeCommandComplete = (tag: string): Buffer =>
  frameBody().text(tag).frame(backend.commandComplete);
