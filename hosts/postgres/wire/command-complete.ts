// CommandComplete (B) 'C': String. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';

export interface CommandComplete {
  /** `INSERT 0 3`, `SELECT 10`, `BEGIN`. */
  readonly tag: string;
  /** The tag's last word if it is a number. */
  readonly rows: number | undefined;
}

export const decodeCommandComplete = (frame: Buffer): CommandComplete => {
  const body = openFrame(frame, backend.commandComplete);
  const tag = body.text();
  body.finish();
  const last = tag.slice(tag.lastIndexOf(' ') + 1);
  return { tag, rows: /^[0-9]{1,15}$/.test(last) ? Number(last) : undefined };
};

export const encodeCommandComplete = (tag: string): Buffer =>
  frameBody().text(tag).frame(backend.commandComplete);
