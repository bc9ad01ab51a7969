import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Report } from '../../../../hosts/ssh/interactive/report-reader.ts';
import { ReportReader } from '../../../../hosts/ssh/interactive/report-reader.ts';

const nonce = 'a'.repeat(32);

const read = (chunks: readonly (string | Buffer)[]): readonly Report[] => {
  const reader = new ReportReader();
  reader.expect(nonce);
  return chunks.flatMap((chunk) => reader.push(Buffer.from(chunk as string)));
};

const ended = (status: number, directory: string | null): Report => ({
  kind: 'ended',
  status,
  directory,
});

describe('reports of the shell', () => {
  it.each([
    ['a start', `S ${nonce}\n`, [{ kind: 'started' }]],
    ['an end', `E ${nonce} 3\n/usr\n. ${nonce}\n`, [ended(3, '/usr')]],
    ['a path with a newline', `E ${nonce} 0\n/a\nb\n. ${nonce}\n`, [ended(0, null)]],
    ['a path with an escape', `E ${nonce} 0\n/a\x1b[2J\n. ${nonce}\n`, [ended(0, null)]],
    ['no path', `E ${nonce} 0\n. ${nonce}\n`, [ended(0, null)]],
    ['a path that is not absolute', `E ${nonce} 0\nusr\n. ${nonce}\n`, [ended(0, null)]],
    ['no status', `E ${nonce}\n/\n. ${nonce}\n`, [ended(1, '/')]],
    ['a status that is none', `E ${nonce} 1e9\n/\n. ${nonce}\n`, [ended(1, '/')]],
    ['another nonce', `S ${'b'.repeat(32)}\nE ${'b'.repeat(32)} 0\n/\n`, []],
    ['a path that says it is the end', `E ${nonce} 0\n/a\n. b\n. ${nonce}\n`, [ended(0, null)]],
    ['noise before it', `x\n\n. ${nonce}\nS ${nonce}\n`, [{ kind: 'started' }]],
    ['an unfinished report', `E ${nonce} 0\n/usr\n`, []],
  ])('%s', (_, text, reports) => {
    expect(read([text])).toEqual(reports);
    expect(read(Array.from(text))).toEqual(reports);
  });

  it('takes no path that is not UTF-8', () => {
    const path = Buffer.from([0x2f, 0xff]);
    const report = Buffer.concat([
      Buffer.from(`E ${nonce} 0\n`),
      path,
      Buffer.from(`\n. ${nonce}\n`),
    ]);
    expect(read([report])).toEqual([ended(0, null)]);
  });

  it('forgets what is too long to be a report', () => {
    expect(read(['x'.repeat(20_000), `\nS ${nonce}\n`])).toEqual([{ kind: 'started' }]);
  });

  it('takes nothing for its own that does not know the nonce', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(read([Buffer.from(bytes)])).toEqual([]);
      }),
    );
  });
});
