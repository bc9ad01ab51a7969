// Parse (F) 'P': name, text, Int16 count, Int32 type OIDs. PostgreSQL "Message Formats".

import { openFrame, strictText } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { frontend } from './message-types.ts';

export interface Parse {
  /** Empty for the unnamed statement. */
  readonly name: string;
  readonly text: string;
  /** The text as sent, a view into the frame. */
  readonly textBytes: Buffer;
  /** OIDs; 0 leaves the type to the server. */
  readonly parameterTypes: readonly number[];
}

export const decodeParse = (frame: Buffer): Parse => {
  const body = openFrame(frame, frontend.parse);
  const name = body.text();
  const textBytes = body.cstring();
  const parameterTypes: number[] = [];
  for (let left = body.count(4); left > 0; left -= 1) parameterTypes.push(body.uint32());
  body.finish();
  return { name, text: strictText(textBytes), textBytes, parameterTypes };
};

export const encodeParse = (parse: {
  readonly name: string;
  readonly text: Text;
  readonly parameterTypes?: readonly number[];
}): Buffer => {
  const parameterTypes = parse.parameterTypes ?? [];
  const body = frameBody(parse.text.length + 32);
  body.text(parse.name).text(parse.text).uint16(parameterTypes.length);
  for (const type of parameterTypes) body.uint32(type);
  return body.frame(frontend.parse);
};
