// BackendKeyData (B) 'K': Int32 process id, cancel key. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';
import { secretKeyBytesMax, secretKeyBytesMin } from './startup.ts';
import { malformed } from './wire-error.ts';

export interface BackendKeyData {
  readonly processId: number;
  /** 4 bytes in protocol 3.0, up to 256 in 3.2. */
  readonly secretKey: Buffer;
}

export const decodeBackendKeyData = (frame: Buffer): BackendKeyData => {
  const body = openFrame(frame, backend.backendKeyData);
  const processId = body.int32();
  const bytes = body.remaining;
  if (bytes < secretKeyBytesMin || bytes > secretKeyBytesMax) {
    throw malformed(`cancel key of ${bytes} bytes`);
  }
  return { processId, secretKey: body.rest() };
};

export const encodeBackendKeyData = ({ processId, secretKey }: BackendKeyData): Buffer =>
  frameBody().int32(processId).bytes(secretKey).frame(backend.backendKeyData);
