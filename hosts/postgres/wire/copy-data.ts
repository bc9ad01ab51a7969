// CopyData (F & B) 'd': bytes. CopyFail (F) 'f': String. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { frontend } from './message-types.ts';

/** A view into the frame; rows need not end where messages end. */
export const decodeCopyData = (frame: Buffer): Buffer => openFrame(frame, frontend.copyData).rest();

export const encodeCopyData = (bytes: Buffer): Buffer =>
  frameBody(bytes.length).bytes(bytes).frame(frontend.copyData);

/** The client's reason. */
export const decodeCopyFail = (frame: Buffer): string => {
  const body = openFrame(frame, frontend.copyFail);
  const reason = body.text();
  body.finish();
  return reason;
};

export const encodeCopyFail = (reason: string): Buffer =>
  frameBody(reason.length + 1)
    .text(reason)
    .frame(frontend.copyFail);
