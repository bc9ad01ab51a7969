// Execute (F) 'E': portal, Int32 row limit. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { frontend } from './message-types.ts';

export interface Execute {
  readonly portal: string;
  /** 0 means no limit, and the server takes negative numbers so too. */
  readonly rowsMax: number;
}

export const decodeExecute = (frame: Buffer): Execute => {
  const body = openFrame(frame, frontend.execute);
  const execute = { portal: body.text(), rowsMax: body.int32() };
  body.finish();
  return execute;
};

export const encodeExecute = (execute: Execute): Buffer =>
  frameBody().text(execute.portal).int32(execute.rowsMax).frame(frontend.execute);
