// The payload of a close frame: a status code and a reason (RFC 6455 §5.5.1, §7.4).

import { isUtf8 } from 'node:buffer';
import { controlBytesMax } from './frame.ts';
import { FrameError } from './frame-rules.ts';

export interface Close {
  /** Undefined when the frame is empty: no status was given. */
  readonly code: number | undefined;
  readonly reason: string;
}

const codeBytes = 2;

/** 1005, 1006 and 1015 stand for what was never sent; 1004 has no meaning; 1012 to 1014 were registered later. */
export const mayBeSent = (code: number): boolean =>
  (code >= 1000 && code <= 1003) ||
  (code >= 1007 && code <= 1014) ||
  (code >= 3000 && code <= 4999);

/** @throws FrameError */
export function decodeClosePayload(payload: Buffer): Close {
  if (payload.length === 0) return { code: undefined, reason: '' };
  if (payload.length < codeBytes) throw new FrameError('close-payload');
  const code = payload.readUInt16BE(0);
  if (!mayBeSent(code)) throw new FrameError('close-code');
  const reason = payload.subarray(codeBytes);
  if (!isUtf8(reason)) throw new FrameError('close-reason');
  return { code, reason: reason.toString('utf8') };
}

/** A reason that is too long is cut between two characters. */
export function encodeClosePayload({ code, reason }: Close): Buffer {
  if (code === undefined) return Buffer.alloc(0);
  const text = Buffer.from(reason, 'utf8');
  let bytes = Math.min(text.length, controlBytesMax - codeBytes);
  while (bytes < text.length && bytes > 0 && (text.readUInt8(bytes) & 0xc0) === 0x80) bytes -= 1;
  const payload = Buffer.allocUnsafe(codeBytes + bytes);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, codeBytes, 0, bytes);
  return payload;
}
