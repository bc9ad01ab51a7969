// The answer to one request as it comes over a connection of HTTP/1.1 (RFC 9112 §4, §6): ended where its head says that it
// ends, and by the same reading of the head that the caller's answer is made of.

import { ChunkedBody } from './chunked-body.ts';
import type { CheckedResponse, RawResponse } from './response-head.ts';
import { checkResponse } from './response-head.ts';
import { brokenResponse } from './rules.ts';

const headBytesMax = 64 * 1024;
/** Interim answers to one request (RFC 9110 §15.2). */
const interimMax = 16;

export type ResponsePart =
  | {
      readonly kind: 'head';
      readonly status: number;
      /** One that is refused is the last part. */
      readonly checked: CheckedResponse;
    }
  | { readonly kind: 'body'; readonly bytes: Buffer }
  /** `isClean`: nothing stands behind it, so the connection may serve another request. */
  | { readonly kind: 'end'; readonly isClean: boolean };

export class ResponseReader {
  readonly #method: string;
  readonly #head = new HeadBytes();
  /** Bytes that are to come, where the head says how many. */
  #left = 0;
  #chunks: ChunkedBody | undefined;
  #state: 'head' | 'counted' | 'chunked' | 'unbounded' | 'ended' = 'head';
  #interim = 0;

  constructor(method: string) {
    this.#method = method;
  }

  /** @throws BrokenResponse for what is no answer; nothing may be read after that. */
  push(piece: Buffer): readonly ResponsePart[] {
    const parts: ResponsePart[] = [];
    let rest: Buffer | undefined = piece;
    if (this.#state === 'head') rest = this.#readHeads(piece, parts);
    if (rest !== undefined) this.#readBody(rest, parts);
    return parts;
  }

  /** What stands behind the head of the final answer. */
  #readHeads(piece: Buffer, parts: ResponsePart[]): Buffer | undefined {
    let rest: Buffer | undefined = piece;
    for (;;) {
      const found = this.#head.take(rest);
      if (found === undefined) return undefined;
      const raw = splitHead(found.text);
      ({ rest } = found);
      const checked = checkResponse(raw, { method: this.#method });
      if (raw.status >= 200 || checked.kind === 'refused') {
        parts.push({ kind: 'head', status: raw.status, checked });
        this.#begin(checked);
        return rest;
      }
      if ((this.#interim += 1) > interimMax) throw brokenResponse('response-interim');
    }
  }

  #begin(checked: CheckedResponse): void {
    const framing = checked.kind === 'refused' ? checked : checked.framing;
    switch (framing.kind) {
      case 'refused':
        this.#state = 'ended';
        return;
      case 'none':
        this.#state = 'counted';
        return;
      case 'length':
        this.#left = framing.bytes;
        this.#state = 'counted';
        return;
      case 'chunked':
        this.#state = 'chunked';
        return;
      case 'close':
        this.#state = 'unbounded';
    }
  }

  #readBody(rest: Buffer, parts: ResponsePart[]): void {
    switch (this.#state) {
      case 'counted': {
        const isAll = rest.length <= this.#left;
        const bytes = isAll ? rest : rest.subarray(0, this.#left);
        this.#left -= bytes.length;
        if (bytes.length > 0) parts.push({ kind: 'body', bytes });
        if (this.#left === 0) this.#end(isAll, parts);
        return;
      }
      case 'chunked': {
        this.#chunks ??= new ChunkedBody();
        const { bytes, behind } = this.#chunks.push(rest);
        for (const each of bytes) parts.push({ kind: 'body', bytes: each });
        if (behind !== undefined) this.#end(behind.length === 0, parts);
        return;
      }
      case 'unbounded':
        if (rest.length > 0) parts.push({ kind: 'body', bytes: rest });
        return;
      case 'head':
      case 'ended':
    }
  }

  #end(isClean: boolean, parts: ResponsePart[]): void {
    this.#state = 'ended';
    parts.push({ kind: 'end', isClean });
  }
}

/** Collects the bytes of a head, which mostly come in one piece. */
class HeadBytes {
  #held = Buffer.alloc(0);
  #length = 0;

  /** The head without its empty line, and what stands behind it; undefined until it is whole. */
  take(piece: Buffer): { readonly text: string; readonly rest: Buffer } | undefined {
    const all = this.#length === 0 ? piece : this.#append(piece);
    const end = all.indexOf('\r\n\r\n', Math.max(0, this.#length - 3), 'latin1');
    if (end > headBytesMax || (end < 0 && all.length > headBytesMax)) {
      throw brokenResponse('response-head-size');
    }
    if (end < 0) {
      if (this.#length === 0) this.#append(piece);
      this.#length = all.length;
      return undefined;
    }
    this.#length = 0;
    return { text: all.toString('latin1', 0, end), rest: all.subarray(end + 4) };
  }

  /** Grows by doubling: a head that comes byte by byte is not copied for each of them. */
  #append(piece: Buffer): Buffer {
    const length = this.#length + piece.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, 2 * this.#held.length, 1024));
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    piece.copy(this.#held, this.#length);
    return this.#held.subarray(0, length);
  }
}

/** The phrase says nothing (RFC 9112 §4), but a line that ends in it must not hold another line. */
const statusLine = /^HTTP\/(1\.[01]) ([0-9]{3})(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** Names and values are left to `checkResponse`, which knows a folded line by the blank in its name. */
function splitHead(text: string): RawResponse {
  const lines = text.split('\r\n');
  const [, version, status] = statusLine.exec(lines[0] ?? '') ?? [];
  if (version === undefined) throw brokenResponse('response-malformed');
  const rawHeaders: string[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const colon = line.indexOf(':');
    if (colon < 1) throw brokenResponse('response-malformed');
    rawHeaders.push(line.slice(0, colon), line.slice(colon + 1));
  }
  return { version, status: Number(status), rawHeaders };
}
