// Bytes from one side to the other no faster than the other takes them: RFC 4254 §5.2 windows fill, memory does not.

import type { Duplex } from 'node:stream';

export interface Pump {
  readonly write: (bytes: Buffer) => void;
  readonly stop: () => void;
}

/** Everything that comes from `source` goes through `take`; who is slow is `sink`, which `take` writes to. */
export function pumpOutput(source: Duplex, sink: Duplex, take: (chunk: Buffer) => void): Pump {
  const resume = (): void => {
    if (!source.destroyed) source.resume();
  };
  const read = (chunk: Buffer): void => {
    take(chunk);
    if (sink.writableNeedDrain) source.pause();
  };
  sink.on('drain', resume);
  // Nobody reads any more: what is still to come must not stop the other's end.
  sink.once('close', resume);
  source.on('data', read);
  source.resume();
  const stop = (): void => {
    source.off('data', read);
    sink.off('drain', resume).off('close', resume);
  };
  source.once('close', stop);
  return { write: take, stop };
}

/** Writes what `source` sent to `sink`, and lets `source` wait while it is full. */
export function pumpInput(source: Duplex, sink: Duplex): Pump {
  const resume = (): void => {
    if (!source.destroyed) source.resume();
  };
  sink.on('drain', resume);
  return {
    write: (bytes) => {
      if (!sink.writable) return;
      if (!sink.write(bytes)) source.pause();
    },
    stop: () => {
      sink.off('drain', resume);
      resume();
    },
  };
}
