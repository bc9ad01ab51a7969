// The caller's terminal as a stream: what is written to it is masked, filtered and recorded on its way.

import { Writable } from 'node:stream';

import type { Channel } from '../guard/index.ts';
import type { ShownOutput } from './shown-output.ts';

/** Ends with the channel, not the channel with it. */
export function screenOf({ output, gone }: Channel, shown: ShownOutput): Writable {
  const screen = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const bytes = shown.pass(chunk);
      if (bytes.length === 0 || !output.writable || output.write(bytes)) done();
      else output.once('drain', done);
    },
  });
  void gone.then(() => screen.destroy());
  return screen;
}
