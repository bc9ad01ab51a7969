// FunctionCall (F) 'F' and FunctionCallResponse (B) 'V'. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend, frontend } from './message-types.ts';

/**
 * OID of the function: the call reaches any function of the server with no SQL, so it is refused by its type, and its
 * arguments are nobody's business.
 */
export const decodeFunctionCall = (frame: Buffer): number =>
  openFrame(frame, frontend.functionCall).uint32();

export const decodeFunctionCallResponse = (frame: Buffer): Buffer | null => {
  const body = openFrame(frame, backend.functionCallResponse);
  const value = body.value();
  body.finish();
  return value;
};

export const encodeFunctionCallResponse = (value: Buffer | null): Buffer =>
  frameBody().value(value).frame(backend.functionCallResponse);
