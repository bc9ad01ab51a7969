// ParameterStatus (B) 'S': name, value. PostgreSQL "Message Formats".

import { lossyText, openFrame } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { backend } from './message-types.ts';

export interface ParameterStatus {
  /** In the server's spelling: `TimeZone`, `client_encoding`. */
  readonly name: string;
  readonly value: string;
  /** A view into the frame. */
  readonly valueBytes: Buffer;
}

export const decodeParameterStatus = (frame: Buffer): ParameterStatus => {
  const body = openFrame(frame, backend.parameterStatus);
  const name = body.text();
  const valueBytes = body.cstring();
  body.finish();
  return { name, value: lossyText(valueBytes), valueBytes };
};

export const encodeParameterStatus = (name: string, value: Text): Buffer =>
  frameBody().text(name).text(value).frame(backend.parameterStatus);
