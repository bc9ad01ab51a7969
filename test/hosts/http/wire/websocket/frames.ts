// Frames built by hand for the tests, right or wrong as asked, and readings of them.

import { FrameError, FrameReader } from '../../../../../hosts/http/wire/websocket/index.ts';
import type { Frame, FrameReaderOptions } from '../../../../../hosts/http/wire/websocket/index.ts';

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

export const bytewise = (stream: Buffer): Buffer[] =>
  Array.from(stream, (_, offset) => Buffer.from(stream.subarray(offset, offset + 1)));

/** One line a frame or piece, so that tables stay readable. */
export function show(frame: Frame): string {
  switch (frame.kind) {
    case 'close':
      return `close ${frame.close.code ?? '-'} ${frame.close.reason}`;
    case 'ping':
    case 'pong':
      return `${frame.kind} ${frame.payload.toString('latin1')}`;
    case 'piece': {
      const marks = `${frame.opens ? '<' : ''}${frame.closes ? '>' : ''}`;
      return `${frame.type}${marks} ${frame.payload.toString('latin1')}`;
    }
  }
}

/** The frames, then the name of the rule that ended the reading. */
export function readAll(
  chunks: readonly Buffer[],
  options: Partial<FrameReaderOptions> = {},
): readonly string[] {
  const reader = new FrameReader({ from: 'server', messageBytesMax: 1 << 20, ...options });
  const shown: string[] = [];
  try {
    for (const chunk of chunks) {
      reader.push(Buffer.from(chunk));
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        shown.push(show(frame));
      }
    }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    shown.push(error.rule);
  }
  return shown;
}
