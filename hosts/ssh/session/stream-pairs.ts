// Channels as the one stream each that interactive sessions work with.

import { Duplex, Writable } from 'node:stream';

import type { Channel } from '../guard/index.ts';
import type { TargetChannel } from '../interactive/index.ts';
import type { ShownOutput } from './shown-output.ts';

/** Emits `exit` when the target has said how its program ended, and `close` when the channel is over. */
export function targetStream(channel: Channel): TargetChannel {
  const both = Duplex.from({ readable: channel.input, writable: channel.output });
  const stream = Object.assign(both, {
    stderr: channel.inputError,
    setWindow: (rows: number, columns: number, height: number, width: number) => {
      channel.tell({ kind: 'window-change', rows, columns, height, width });
    },
  });
  void channel.gone.then(() => {
    const { exit } = channel;
    if (exit?.kind === 'exit-status') stream.emit('exit', exit.status, null);
    if (exit?.kind === 'exit-signal') stream.emit('exit', null, exit.name);
    stream.destroy();
  });
  // An end that was cut is no error of the gateway's.
  stream.on('error', () => undefined);
  stream.once('close', () => {
    channel.abort();
  });
  return stream;
}

/** The caller's terminal: what is written to it is masked, filtered and recorded on the way. */
export function screenStream(channel: Channel, shown: ShownOutput): Duplex {
  const screen = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const bytes = shown.pass(chunk);
      if (bytes.length === 0 || !channel.output.writable) done();
      else if (channel.output.write(bytes)) done();
      else channel.output.once('drain', done);
    },
  });
  const both = Duplex.from({ readable: channel.input, writable: screen });
  both.on('error', () => undefined);
  void channel.gone.then(() => both.destroy());
  return both;
}
