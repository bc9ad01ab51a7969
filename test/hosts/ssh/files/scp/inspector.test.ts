import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  ScpInspector,
  type ScpEffect,
  type ScpOptions,
} from '../../../../../hosts/ssh/files/index.ts';
import {
  decodeControlLine,
  encodeControlLine,
  lineBytesMax,
} from '../../../../../hosts/ssh/files/scp/control-line.ts';

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');

/** A sender and a receiver, whichever way the files go. */
class Ends {
  readonly inspector: ScpInspector;
  readonly #isUpload: boolean;
  effects: ScpEffect[] = [];

  constructor(options: Partial<ScpOptions> = {}) {
    const whole = { direction: 'upload', path: '/in', recursive: true, ...options } as const;
    this.inspector = new ScpInspector(whole);
    this.#isUpload = whole.direction === 'upload';
    this.receiver('\0');
    this.#take('sender');
  }

  sender(text: string | Buffer): void {
    const chunk = Buffer.from(text as string);
    const { inspector } = this;
    this.effects.push(
      ...(this.#isUpload ? inspector.fromClient(chunk) : inspector.fromTarget(chunk)),
    );
  }

  receiver(text: string): void {
    const chunk = Buffer.from(text);
    const { inspector } = this;
    this.effects.push(
      ...(this.#isUpload ? inspector.fromTarget(chunk) : inspector.fromClient(chunk)),
    );
  }

  #take(end: 'sender' | 'receiver'): string {
    const kind = (end === 'sender') === this.#isUpload ? 'to-client' : 'to-target';
    const taken = this.effects.flatMap((effect) =>
      effect.kind === kind && !('sha256' in effect) && 'bytes' in effect ? [effect.bytes] : [],
    );
    this.effects = this.effects.filter((effect) => effect.kind !== kind);
    return Buffer.concat(taken).toString();
  }

  /** What came out at the receiver since the last look. */
  get received(): string {
    return this.#take('receiver');
  }

  get told(): string {
    return this.#take('sender');
  }

  get wantsSender(): boolean {
    return this.#isUpload ? this.inspector.wantsClient : this.inspector.wantsTarget;
  }
}

describe.each(['upload', 'download'] as const)('the stream: %s', (direction) => {
  it('goes on only as far as the receiver has said', () => {
    const ends = new Ends({ direction });
    ends.sender('D0755 0 dir\nC0644 5 name\nhello\0E\n');
    expect(ends.received).toBe('D0755 0 dir\n');
    expect(ends.wantsSender).toBe(false);
    ends.receiver('\0');
    expect(ends.received).toBe('C0644 5 name\n');
    ends.receiver('\0');
    expect(ends.received).toBe('hello\0');
    expect(ends.told).toBe('\0\0');
    expect(ends.effects).toEqual([]);
    ends.receiver('\0');
    expect(ends.received).toBe('E\n');
    expect(ends.told).toBe('\0');
    expect(ends.effects).toEqual([
      {
        kind: 'transferred',
        path: '/in',
        name: 'dir/name',
        direction,
        bytes: 5,
        sha256: sha256('hello'),
        closed: true,
      },
    ]);
    expect(ends.inspector.clientIdle).toBe(true);
    ends.receiver('\0');
    expect(ends.wantsSender).toBe(true);
  });

  it('holds back what the receiver has yet to ask for, also at its end', () => {
    const ends = new Ends({ direction });
    ends.sender('C0644 0 a\n\0');
    expect(ends.inspector.clientIdle).toBe(direction === 'download');
    ends.receiver('\0');
    expect(ends.inspector.clientIdle).toBe(true);
  });

  it('takes the content of a refused file for what the receiver takes it for: the next line', () => {
    const ends = new Ends({ direction });
    ends.sender('C0644 30 name\n');
    ends.receiver('\x01scp: no\n');
    expect(ends.told).toBe('\x01scp: no\n');
    ends.sender('C0644 3 ../../etc/passwd\n');
    expect(ends.effects.at(-1)).toEqual({ kind: 'cut', rule: 'scp-name' });
  });

  it('leaves out what is in a refused directory', () => {
    const ends = new Ends({ direction });
    ends.sender('D0755 0 dir\n');
    ends.receiver('\x01scp: no\n');
    ends.sender('C0644 0 name\n\0');
    ends.receiver('\0');
    ends.receiver('\0');
    expect(ends.effects.at(-1)).toMatchObject({ kind: 'transferred', name: 'name', bytes: 0 });
    ends.sender('E\n');
    expect(ends.effects.at(-1)).toEqual({ kind: 'cut', rule: 'scp-depth' });
  });

  it('has times in front of files, and words of the sender between them', () => {
    const ends = new Ends({ direction });
    ends.sender('\x01scp: a: not a regular file\nT1700000000 0 1600000000 0\n');
    expect(ends.received).toBe('\x01scp: a: not a regular file\nT1700000000 0 1600000000 0\n');
    ends.receiver('\0');
    expect(ends.wantsSender).toBe(true);
  });

  it.each([
    ['the sender could not read it', 'hello\x01scp: read error\n', '\0'],
    ['the receiver could not write it', 'hello\0', '\x01scp: disk full\n'],
  ])('gives no hash when %s', (_, content, answer) => {
    const ends = new Ends({ direction });
    ends.sender('C0644 5 name\n');
    ends.receiver('\0');
    ends.sender(content);
    ends.receiver(answer);
    expect(ends.effects.at(-1)).toMatchObject({ kind: 'transferred', bytes: 5, sha256: null });
    expect(ends.wantsSender).toBe(true);
  });

  it('is over after a fatal word of either end', () => {
    for (const end of ['sender', 'receiver'] as const) {
      const ends = new Ends({ direction });
      if (end === 'receiver') ends.sender('C0644 5 name\n');
      ends[end]('\x02scp: lost\n');
      expect(ends[end === 'sender' ? 'received' : 'told']).toBe('\x02scp: lost\n');
      ends.effects = [];
      ends.sender('C0644 3 more\n');
      expect(ends.effects).toEqual([]);
    }
  });

  it('is reported when it ends in a file', () => {
    const ends = new Ends({ direction });
    ends.sender('C0644 5 name\n');
    ends.receiver('\0');
    ends.sender('hel');
    expect(ends.inspector.end()).toMatchObject([
      { name: 'name', bytes: 3, sha256: null, closed: false },
    ]);
    expect(ends.inspector.end()).toEqual([]);
  });

  it.each([
    ['../x', 'scp-name'],
    ['/etc/passwd', 'scp-name'],
    ['a/b', 'scp-name'],
    ['..', 'scp-name'],
    ['.', 'scp-name'],
    ['', 'scp-name'],
    ['a\x1b[2J', 'scp-name'],
    ['a\rb', 'scp-name'],
    ['a\0b', 'scp-name'],
    ['a\x7f', 'scp-name'],
    ['a\u009bb', 'scp-name'],
  ])('is cut at the name %j', (name, rule) => {
    for (const letter of ['C', 'D']) {
      const ends = new Ends({ direction });
      ends.sender(`${letter}0644 0 ${name}\n`);
      expect(ends.effects).toEqual([{ kind: 'cut', rule }]);
      expect(ends.inspector.fromClient(Buffer.from('\0'))).toEqual([]);
    }
  });

  it('is cut at a name that is not UTF-8', () => {
    const ends = new Ends({ direction });
    ends.sender(Buffer.from('C0644 0 \xff\n', 'latin1'));
    expect(ends.effects).toEqual([{ kind: 'cut', rule: 'scp-name' }]);
  });

  it.each([
    'C644 0 x',
    'C00644 0 x',
    'C0844 0 x',
    'C0644 -1 x',
    'C0644 01 x',
    'C0644 1e3 x',
    'C0644 99999999999999999999 x',
    'C0644  0 x',
    'C0644 0',
    'c0644 0 x',
    'X0644 0 x',
    'T1 0 2',
    'T1 1 2 0',
    'T-1 0 2 0',
    'E ',
    'EE',
    '',
    'sh: scp: not found',
  ])('is cut at the line %j', (line) => {
    const ends = new Ends({ direction });
    ends.sender(`${line}\n`);
    expect(ends.effects).toEqual([{ kind: 'cut', rule: 'scp-line' }]);
  });

  it('is cut at a line without end, in bounded memory', () => {
    const ends = new Ends({ direction });
    ends.sender('C'.repeat(lineBytesMax));
    expect(ends.effects).toEqual([]);
    ends.sender('C');
    expect(ends.effects).toEqual([{ kind: 'cut', rule: 'scp-line-length' }]);
  });

  it('is cut when the receiver speaks out of turn, or says neither yes nor no', () => {
    const early = new Ends({ direction });
    early.receiver('\0');
    expect(early.effects).toEqual([{ kind: 'cut', rule: 'scp-answer' }]);
    const odd = new Ends({ direction });
    odd.sender('C0644 5 name\n');
    odd.receiver('yes');
    expect(odd.effects.at(-1)).toEqual({ kind: 'cut', rule: 'scp-answer' });
  });

  it('is cut when content is not followed by a status', () => {
    const ends = new Ends({ direction });
    ends.sender('C0644 2 name\n');
    ends.receiver('\0');
    ends.sender('abc');
    expect(ends.effects.at(-1)).toEqual({ kind: 'cut', rule: 'scp-line' });
  });

  it('is cut when directories end that did not begin, or go too deep', () => {
    const ends = new Ends({ direction });
    ends.sender('E\n');
    expect(ends.effects).toEqual([{ kind: 'cut', rule: 'scp-depth' }]);
    const deep = new Ends({ direction, depthMax: 2 });
    for (const name of ['a', 'b', 'c']) {
      deep.sender(`D0755 0 ${name}\n`);
      if (name !== 'c') deep.receiver('\0');
    }
    expect(deep.effects.at(-1)).toEqual({ kind: 'cut', rule: 'scp-depth' });
  });

  it('is cut at a directory that the command does not take', () => {
    const ends = new Ends({ direction, recursive: false });
    ends.sender('D0755 0 dir\n');
    expect(ends.effects).toEqual([{ kind: 'cut', rule: 'scp-directory' }]);
  });

  it('is cut when the sender does not wait', () => {
    const ends = new Ends({ direction, backlogBytesMax: 100 });
    ends.sender('C0644 500 name\n');
    ends.sender('x'.repeat(100));
    expect(ends.effects.at(-1)?.kind).not.toBe('cut');
    ends.sender('x');
    expect(ends.effects.at(-1)).toEqual({ kind: 'cut', rule: 'backlog-max' });
  });

  it('is the same however it is cut', () => {
    const content = fc.string({ maxLength: 50 });
    fc.assert(
      fc.property(
        fc.array(content, { maxLength: 5 }),
        fc.integer({ min: 1, max: 30 }),
        (contents, size) => {
          const files = contents.map((text, index) => {
            const bytes = Buffer.byteLength(text);
            return `T1 0 2 0\nC0644 ${bytes} f${index}\n${text}\0`;
          });
          const stream = Buffer.from(`D0755 0 d\n${files.join('')}E\n`);
          const answers = 2 + 3 * contents.length;
          const run = (bytes: number): unknown => {
            const ends = new Ends({ direction });
            let received = '';
            for (let offset = 0; offset < stream.length; offset += bytes) {
              ends.sender(stream.subarray(offset, offset + bytes));
            }
            for (let count = 0; count < answers; count += 1) {
              received += ends.received;
              ends.receiver('\0');
            }
            return [received, ends.told, ends.effects];
          };
          const whole = run(stream.length);
          expect(run(1)).toEqual(whole);
          expect(run(size)).toEqual(whole);
          expect((whole as readonly unknown[])[0]).toBe(stream.toString());
          expect((whole as readonly unknown[])[2]).toEqual(
            contents.map((text, index) =>
              expect.objectContaining({ name: `d/f${index}`, sha256: sha256(text) }),
            ),
          );
        },
      ),
    );
  });
});

describe('a control line', () => {
  it.each(['C0644 12 a b', 'D0755 0 ü', 'E', 'T1 0 2 0', 'C1777 0 x'])(
    '%s is written as it was read',
    (line) => {
      expect(encodeControlLine(decodeControlLine(Buffer.from(line))).toString()).toBe(`${line}\n`);
    },
  );

  it('loses the bits that make a program run as another', () => {
    const line = decodeControlLine(Buffer.from('C6755 0 x'));
    expect(encodeControlLine(line).toString()).toBe('C0755 0 x\n');
  });
});
