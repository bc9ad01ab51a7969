// How fast JSON is masked on one core: records in which one field is masked, and in which nothing is.

import { maskText } from '../../engine/masking/index.ts';
import type { MaskStrategy } from '../../engine/model/index.ts';
import { bodyMasker, defaultMaskLimits, planMasks } from '../../hosts/http/masking/index.ts';

export interface MaskingSpeed {
  readonly match_mb_s: number;
  readonly nomatch_mb_s: number;
}

const documentBytes = 24 * 1024 * 1024;
/** What a socket's read gives at most. */
const chunkBytes = 64 * 1024;
const rounds = 5;
const key = Buffer.alloc(32, 7);

/** About 300 bytes of what APIs answer: strings, numbers, an object, a list. */
const record = (id: number): string =>
  JSON.stringify({
    id,
    name: `Ada Lovelace ${id}`,
    email: `ada.lovelace.${id}@example.com`,
    active: id % 2 === 0,
    balance: id * 1.25,
    created_at: '2026-03-01T12:00:00.000Z',
    address: { street: '12 St James Square', city: 'London', zip: 'SW1Y 4JH', country: 'GB' },
    tags: ['customer', 'newsletter', 'beta'],
    note: 'Prefers to be written to; pays by invoice.',
  });

const makeDocument = (): Buffer => {
  const records: string[] = [];
  for (let bytes = 0; bytes < documentBytes;) {
    const next = record(records.length);
    records.push(next);
    bytes += next.length + 1;
  }
  return Buffer.from(`{"users":[${records.join(',')}]}`);
};

const secondsOf = (document: Buffer, field: string, strategy: MaskStrategy): number => {
  const plan = planMasks([{ field, strategy }]);
  if (plan.kind === 'invalid') throw new Error(plan.message);
  const mask = (value: Buffer, how: MaskStrategy) => maskText(value, how, key);
  const masker = bodyMasker('application/json', plan, mask, defaultMaskLimits);
  if ('kind' in masker) throw new Error(masker.message);
  const startedAt = process.cpuUsage();
  for (let at = 0; at < document.length; at += chunkBytes) {
    masker.push(document.subarray(at, at + chunkBytes));
  }
  masker.end();
  const { user, system } = process.cpuUsage(startedAt);
  return (user + system) / 1e6;
};

/** Megabytes (10^6) per second of CPU, the best of some rounds. */
const speedOf = (document: Buffer, field: string, strategy: MaskStrategy): number => {
  const seconds = Array.from({ length: rounds }, () => secondsOf(document, field, strategy));
  return document.length / 1e6 / Math.min(...seconds);
};

export const measureMasking = (): MaskingSpeed => {
  const document = makeDocument();
  return {
    match_mb_s: speedOf(document, '$.users[*].email', 'partial'),
    nomatch_mb_s: speedOf(document, '$.users[*].ssn', 'partial'),
  };
};
