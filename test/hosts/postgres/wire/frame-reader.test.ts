import { describe, expect, it } from '@jest/globals';
import {
  backend,
  encodeBodyless,
  encodeCommandComplete,
  encodeCopyData,
  encodeQuery,
  encodeReadyForQuery,
  FrameReader,
  frontend,
  typeTable,
  type FrameReaderOptions,
} from '../../../../hosts/postgres/wire/index.ts';

const reader = (options: Partial<FrameReaderOptions> = {}): FrameReader =>
  new FrameReader({ direction: 'frontend', bytesMax: () => 1024, ...options });

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

interface Piece {
  readonly bytes: string;
  readonly opens: boolean;
  readonly closes: boolean;
}

const readAll = (frames: FrameReader, chunks: readonly Buffer[]): Piece[] => {
  const pieces: Piece[] = [];
  for (const chunk of chunks) {
    frames.push(chunk);
    while (frames.next()) {
      const bytes = frames.buffer.toString('hex', frames.start, frames.end);
      pieces.push({ bytes, opens: frames.opens, closes: frames.closes });
    }
  }
  return pieces;
};

const bytewise = (stream: Buffer): Buffer[] =>
  Array.from(stream, (_, offset) => Buffer.from(stream.subarray(offset, offset + 1)));

describe('FrameReader', () => {
  const messages = [
    encodeQuery('select 1'),
    encodeBodyless(frontend.sync),
    encodeQuery('x'.repeat(500)),
    encodeBodyless(frontend.terminate),
  ];
  const stream = Buffer.concat(messages);
  const whole = messages.map((frame) => ({
    bytes: frame.toString('hex'),
    opens: true,
    closes: true,
  }));

  it('gives the same messages whole, byte by byte, and cut at every place', () => {
    expect(readAll(reader(), [stream])).toEqual(whole);
    expect(readAll(reader(), bytewise(stream))).toEqual(whole);
    for (let cut = 1; cut < stream.length; cut += 1) {
      expect(readAll(reader(), [stream.subarray(0, cut), stream.subarray(cut)])).toEqual(whole);
    }
  });

  it('gives views into the chunk, not copies', () => {
    const frames = reader();
    frames.push(stream);
    expect(frames.next()).toBe(true);
    expect(frames.buffer).toBe(stream);
  });

  it('says when it lies between two messages', () => {
    const frames = reader();
    expect(readAll(frames, [stream.subarray(0, 16)])).toHaveLength(1);
    expect(frames).toMatchObject({ idle: false, unread: 2 });
    expect(readAll(frames, [stream.subarray(16)])).toHaveLength(3);
    expect(frames).toMatchObject({ idle: true, unread: 0 });
  });

  it.each([
    ['length 0', '51 00000000', 'message-malformed'],
    ['length 3', '51 00000003', 'message-malformed'],
    ['negative length', '51 ffffffff', 'message-malformed'],
    ['smallest length', '51 80000000', 'message-malformed'],
    ['one byte over the limit', '51 00000400', 'message-too-large'],
    ['huge length', '51 7fffffff', 'message-too-large'],
    ['unknown type', '00 00000004', 'message-unknown'],
    ['type of the other direction', '5a 00000005', 'message-unknown'],
  ])('refuses %s as soon as the header is there, and again when asked again', (_, bytes, code) => {
    for (const chunks of [[hex(bytes)], bytewise(hex(bytes))]) {
      const frames = reader();
      expect(() => readAll(frames, chunks)).toThrow(expect.objectContaining({ code }));
      expect(() => frames.next()).toThrow(expect.objectContaining({ code }));
    }
  });

  it('takes a message of exactly the limit', () => {
    expect(readAll(reader(), [encodeQuery('x'.repeat(1018))])).toHaveLength(1);
  });

  it('asks for the limit of each type', () => {
    const frames = reader({ bytesMax: (type) => (type === frontend.copyData ? 1024 : 5) });
    frames.push(Buffer.concat([encodeCopyData(Buffer.alloc(100)), encodeQuery('')]));
    expect(frames.next()).toBe(true);
    expect(() => frames.next()).toThrow(expect.objectContaining({ code: 'message-too-large' }));
  });

  it('delivers what comes before a bad header', () => {
    const frames = reader();
    frames.push(Buffer.concat([stream, hex('51 00000000')]));
    for (const message of messages) {
      expect(frames.next()).toBe(true);
      expect(frames.end - frames.start).toBe(message.length);
    }
    expect(() => frames.next()).toThrow(expect.objectContaining({ code: 'message-malformed' }));
  });

  it('refuses a chunk before the last one was read: its bytes would be lost', () => {
    const frames = reader();
    frames.push(stream);
    expect(() => {
      frames.push(stream);
    }).toThrow('push before');
  });

  it('reads a message that comes in many small chunks in linear time and memory', () => {
    const bytes = 4 * 1024 * 1024;
    const query = encodeQuery('x'.repeat(bytes));
    const frames = reader({ bytesMax: () => 2 * bytes });
    let found = 0;
    for (let offset = 0; offset < query.length; offset += 7) {
      frames.push(query.subarray(offset, offset + 7));
      while (frames.next()) found += Number(frames.buffer.equals(query));
    }
    expect(found).toBe(1);
  });
});

describe('FrameReader.extend', () => {
  const ready = encodeReadyForQuery('idle');
  const complete = encodeCommandComplete('SELECT 1');
  const pass = typeTable([backend.commandComplete]);

  const extended = (stream: Buffer, limit = 1024): [frames: number, end: number] => {
    const frames = reader({ direction: 'backend', bytesMax: () => limit });
    frames.push(stream);
    frames.next();
    return [frames.extend(pass), frames.end];
  };

  it('covers the whole messages behind, up to one that is not to be passed', () => {
    const stream = Buffer.concat([complete, complete, complete, ready, complete]);
    expect(extended(stream)).toEqual([2, 3 * complete.length]);
  });

  it('stops before a message that is cut, of bad length, or too large', () => {
    const twice = Buffer.concat([complete, complete]);
    expect(extended(twice.subarray(0, -1))).toEqual([0, complete.length]);
    const bad = Buffer.concat([complete, hex('43 00000000')]);
    expect(extended(bad)).toEqual([0, complete.length]);
    const large = Buffer.concat([complete, encodeCommandComplete('x'.repeat(100))]);
    expect(extended(large, 50)).toEqual([0, complete.length]);
  });

  it('never passes an unknown type, even if the table does', () => {
    const frames = reader({ direction: 'backend' });
    frames.push(Buffer.concat([complete, hex('00 00000004')]));
    frames.next();
    expect(frames.extend(new Uint8Array(256).fill(1))).toBe(0);
  });
});

describe('FrameReader with streams', () => {
  const options = { streams: (type: number) => type === frontend.copyData, streamBytesMin: 100 };
  const large = encodeCopyData(Buffer.alloc(300, 'a'));
  const small = encodeCopyData(Buffer.alloc(50, 'b'));
  const query = encodeQuery('y'.repeat(300));
  const stream = Buffer.concat([small, large, query, large]);

  const joined = (pieces: readonly Piece[]): string => pieces.map(({ bytes }) => bytes).join('');

  it('delivers large messages of the type in pieces, and gathers the others', () => {
    const pieces = readAll(reader(options), [
      stream.subarray(0, 200),
      stream.subarray(200, 300),
      stream.subarray(300),
    ]);
    expect(joined(pieces)).toBe(stream.toString('hex'));
    const ends = pieces.map(({ opens, closes }) => [opens, closes]);
    expect(ends.slice(0, 5)).toEqual([
      [true, true],
      [true, false],
      [false, false],
      [false, true],
      [true, true],
    ]);
  });

  it('opens with at least the header, and keeps nothing waiting, however the bytes are cut', () => {
    const frames = reader(options);
    const pieces = readAll(frames, bytewise(stream));
    expect(joined(pieces)).toBe(stream.toString('hex'));
    for (const { opens, bytes } of pieces) if (opens) expect(bytes.length).toBeGreaterThan(9);
    expect(frames.idle).toBe(true);
  });

  it('is not idle inside a message', () => {
    const frames = reader(options);
    readAll(frames, [large.subarray(0, 200)]);
    expect(frames).toMatchObject({ idle: false, unread: 0, frameBytes: large.length });
  });
});
