// Ways in which output is cut, and what comes out of a stage that takes it.

export interface Stage {
  readonly push: (chunk: Buffer) => Buffer;
  readonly end: () => Buffer;
}

/** In chunks of so many bytes, each overwritten afterwards: who keeps a view of one is found out. */
export const run = (stage: Stage, input: Buffer, chunkBytes = Infinity): Buffer => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < input.length; at += chunkBytes) {
    const own = Buffer.from(input.subarray(at, at + chunkBytes));
    pieces.push(Buffer.from(stage.push(own)));
    own.fill(0x5a);
  }
  return Buffer.concat([...pieces, stage.end()]);
};

/** What comes out, which must be the same however the input is cut. */
export const runEveryWay = (stage: () => Stage, input: string | Buffer): string => {
  const bytes = Buffer.from(input);
  const expected = run(stage(), bytes);
  for (const chunkBytes of [1, 2, 3, 7, 64]) {
    const other = run(stage(), bytes, chunkBytes);
    if (!other.equals(expected)) throw new Error(`cut every ${chunkBytes} bytes: ${String(other)}`);
  }
  return expected.toString('latin1');
};

/** CPU seconds of this thread. */
export const cpuSeconds = (work: () => void): number => {
  const startedAt = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(startedAt);
  return (user + system) / 1e6;
};
