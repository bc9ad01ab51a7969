// multipart/form-data, RFC 7578 over RFC 2046 §5.1, in the one form that browsers and HTTP libraries send.

import type { MediaType } from './media-type.ts';
import { readPartHeaders } from './part-headers.ts';
import { refusal } from './refusal.ts';

// A type, not an interface: facts must be assignable to `JsonObject`.
export type Part = {
  readonly name: string;
  /** Empty when it is no file. */
  readonly filename: string;
  readonly content_type: string;
  /** Bytes. */
  readonly size: number;
};

/** RFC 2046 §5.1.1, but for the space, which mail systems only ever needed. */
const boundarySyntax = /^[0-9A-Za-z'()+_,\-./:=?]{1,70}$/;
const crlf = Buffer.from('\r\n');
const blankLine = Buffer.from('\r\n\r\n');

/** In the order sent. */
export const readMultipart = (body: Buffer, type: MediaType): readonly Part[] => {
  const parts: Part[] = [];
  const delimiter = Buffer.from(`--${boundaryOf(type)}`);
  if (!startsWith(body, delimiter, 0)) throw refusal('multipart-framing', 'preamble');
  let at = delimiter.length;
  while (startsWith(body, crlf, at)) {
    const end = partEnd(body, delimiter, at + 2);
    parts.push(readPart(body.subarray(at + 2, end)));
    at = end + 2 + delimiter.length;
  }
  requireClose(body.subarray(at));
  return parts;
};

const boundaryOf = ({ parameters }: MediaType): string => {
  const boundary = parameters.get('boundary') ?? '';
  if (!boundarySyntax.test(boundary)) throw refusal('multipart-boundary');
  return boundary;
};

const startsWith = (bytes: Buffer, prefix: Buffer, at: number): boolean =>
  bytes.subarray(at, at + prefix.length).equals(prefix);

/** The offset of the CRLF before the next delimiter; found anywhere but behind one, some servers would split there. */
const partEnd = (body: Buffer, delimiter: Buffer, start: number): number => {
  const found = body.indexOf(delimiter, start);
  if (found === -1) throw refusal('multipart-framing', 'no end');
  if (!startsWith(body, crlf, found - 2) || found - 2 < start) throw refusal('multipart-boundary');
  return found - 2;
};

/** What follows the last delimiter: two hyphens, at most one line end, nothing else. */
const requireClose = (rest: Buffer): void => {
  const close = rest.toString('latin1');
  if (close !== '--' && close !== '--\r\n') throw refusal('multipart-framing', 'epilogue');
};

const readPart = (part: Buffer): Part => {
  const headersEnd = part.indexOf(blankLine);
  if (headersEnd === -1) throw refusal('multipart-framing', 'a part without an empty line');
  const headers = readPartHeaders(part.subarray(0, headersEnd));
  const size = part.length - headersEnd - blankLine.length;
  if ((headers.contentLength ?? size) !== size) {
    throw refusal('multipart-header', 'content length is not the size');
  }
  const { name, filename, contentType } = headers;
  return { name, filename, content_type: contentType, size };
};
