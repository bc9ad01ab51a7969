// ReadyForQuery (B) 'Z': transaction status. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';
import { malformed } from './wire-error.ts';

export type TransactionStatus = 'idle' | 'transaction' | 'failed';

const bytes = { idle: 0x49, transaction: 0x54, failed: 0x45 } as const; // I, T, E

export const decodeReadyForQuery = (frame: Buffer): TransactionStatus => {
  const body = openFrame(frame, backend.readyForQuery);
  const byte = body.uint8();
  body.finish();
  switch (byte) {
    case bytes.idle:
      return 'idle';
    case bytes.transaction:
      return 'transaction';
    case bytes.failed:
      return 'failed';
    default:
      throw malformed('unknown transaction status');
  }
};

export const encodeReadyForQuery = (status: TransactionStatus): Buffer =>
  frameBody(1).uint8(bytes[status]).frame(backend.readyForQuery);
