// Rows of a masked COPY: whatever is taken for a row is one, its masked column is replaced, and masking it again changes
// nothing.

import { strict as assert } from 'node:assert';

import type { Engine } from '#engine';
import { UpstreamError } from '#engine';

import { CopyMasker } from '../../../hosts/postgres/session/copy-masks.ts';
import type { CopyLayout, ResultMasks } from '../../../hosts/postgres/sql/index.ts';
import { encodeCopyData } from '../../../hosts/postgres/wire/index.ts';
import type { Target } from '../target.ts';

const text: CopyLayout = {
  kind: 'text',
  delimiter: 9,
  nullText: Buffer.from('\\N'),
  quote: 0x22,
  escape: 0x22,
  hasHeader: false,
};
const csv: CopyLayout = {
  ...text,
  kind: 'csv',
  delimiter: 0x2c,
  nullText: Buffer.alloc(0),
  escape: 0x5c,
};

const mark = Buffer.from('m,"\t\\k');
const engine: Pick<Engine, 'mask' | 'maskInto'> = {
  mask: () => mark,
  // Only values without escapes, which such a mask leaves without, are masked in place.
  maskInto: (_value, _strategy, sink) => {
    for (const byte of Buffer.from('***')) sink.byte(byte);
    return true;
  },
};
const column = { sources: new Map(), type: 25, name: 'c' };
const masksOf = (copy: CopyLayout): ResultMasks => ({
  columns: [
    { ...column, strategy: undefined },
    { ...column, strategy: 'partial' },
    { ...column, strategy: undefined },
  ],
  origins: new Map(),
  relations: new Set(),
  copy,
  isComputed: false,
});

function through(copy: CopyLayout, frame: Buffer): Buffer {
  const masker = new CopyMasker(engine, masksOf(copy));
  masker.rewrite({ buffer: frame, start: 0, end: frame.length });
  return masker.take();
}

const target = (name: string, copy: CopyLayout): Target => ({
  name,
  check: (input) => {
    const once = through(copy, encodeCopyData(input));
    assert.equal(once.readInt32BE(1), once.length - 1);
    assert.equal(once.at(-1), 0x0a);
    assert(through(copy, once).equals(once));
  },
  isRefusal: (error) => error instanceof UpstreamError,
});

export const copyTargets: readonly Target[] = [
  target('CopyTextMasker', text),
  target('CopyCsvMasker', csv),
];
