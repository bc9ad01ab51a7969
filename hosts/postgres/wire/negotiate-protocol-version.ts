// NegotiateProtocolVersion (B) 'v': Int32 version, Int32 count, Strings. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';
import type { Negotiation } from './startup.ts';
import { malformed } from './wire-error.ts';

/** The page says "newest minor version"; servers send, and libpq reads, major and minor together. */
export const decodeNegotiateProtocolVersion = (frame: Buffer): Negotiation => {
  const body = openFrame(frame, backend.negotiateProtocolVersion);
  const version = body.int32();
  const count = body.int32();
  if (count < 0 || count > body.remaining) throw malformed('count exceeds the message');
  const unrecognized = Array.from({ length: count }, () => body.text());
  body.finish();
  return { version, unrecognized };
};

export const encodeNegotiateProtocolVersion = ({ version, unrecognized }: Negotiation): Buffer => {
  const body = frameBody().int32(version).int32(unrecognized.length);
  for (const name of unrecognized) body.text(name);
  return body.frame(backend.negotiateProtocolVersion);
};
