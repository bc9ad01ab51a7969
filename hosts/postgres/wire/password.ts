// PasswordMessage, SASLInitialResponse and SASLResponse (F), all 'p'. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { frontend } from './message-types.ts';

/** A view into the frame: a secret that is never decoded to a string here. */
export const decodePassword = (frame: Buffer): Buffer => {
  const body = openFrame(frame, frontend.password);
  const password = body.cstring();
  body.finish();
  return password;
};

export const encodePassword = (password: Text): Buffer =>
  frameBody().text(password).frame(frontend.password);

export interface SaslInitialResponse {
  readonly mechanism: string;
  /** Null when the client sent none. */
  readonly response: Buffer | null;
}

export const decodeSaslInitialResponse = (frame: Buffer): SaslInitialResponse => {
  const body = openFrame(frame, frontend.password);
  const initial = { mechanism: body.text(), response: body.value() };
  body.finish();
  return initial;
};

export const encodeSaslInitialResponse = (initial: SaslInitialResponse): Buffer =>
  frameBody().text(initial.mechanism).value(initial.response).frame(frontend.password);

export const decodeSaslResponse = (frame: Buffer): Buffer =>
  openFrame(frame, frontend.password).rest();

export const encodeSaslResponse = (response: Buffer): Buffer =>
  frameBody().bytes(response).frame(frontend.password);
