// Query (F) 'Q': String. PostgreSQL "Message Formats".

import { openFrame, strictText } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { frontend } from './message-types.ts';

export interface Query {
  readonly text: string;
  /** The text as sent, a view into the frame. */
  readonly textBytes: Buffer;
}

export const decodeQuery = (frame: Buffer): Query => {
  const body = openFrame(frame, frontend.query);
  const textBytes = body.cstring();
  body.finish();
  return { text: strictText(textBytes), textBytes };
};

export const encodeQuery = (text: Text): Buffer =>
  frameBody(text.length + 1)
    .text(text)
    .frame(frontend.query);
