// CopyInResponse 'G', CopyOutResponse 'H', CopyBothResponse 'W' (B): Int8 format, column formats. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';
import { malformed } from './wire-error.ts';

const types = {
  in: backend.copyInResponse,
  out: backend.copyOutResponse,
  both: backend.copyBothResponse,
} as const;

export interface CopyResponse {
  readonly kind: keyof typeof types;
  /** 0 text, 1 binary. */
  readonly format: number;
  readonly columnFormats: readonly number[];
}

const kindOf = (type: number): CopyResponse['kind'] => {
  switch (type) {
    case types.in:
      return 'in';
    case types.out:
      return 'out';
    case types.both:
      return 'both';
    default:
      throw malformed('message of another type');
  }
};

export const decodeCopyResponse = (frame: Buffer): CopyResponse => {
  const kind = kindOf(frame[0] ?? 0);
  const body = openFrame(frame, types[kind]);
  const format = body.uint8();
  if (format > 1) throw malformed(`copy format ${format}`);
  const columnFormats = body.formats();
  body.finish();
  return { kind, format, columnFormats };
};

export const encodeCopyResponse = ({ kind, format, columnFormats }: CopyResponse): Buffer =>
  frameBody().uint8(format).formats(columnFormats).frame(types[kind]);
