// Maskers of bodies: however a body is cut the same comes out or the same refusal, and what was selected is gone.

import { strict as assert } from 'node:assert';
import * as masking from '../../../hosts/http/masking/index.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';

type Cut = (input: Buffer) => readonly Buffer[];

const whole: Cut = (input) => [input];
const byteByByte: Cut = (input) =>
  Array.from(input, (_, offset) => input.subarray(offset, offset + 1));
const inTwo =
  (random: Random): Cut =>
  (input) => {
    const at = random.below(input.length + 1);
    return [input.subarray(0, at), input.subarray(at)];
  };

const limits = { ...masking.defaultMaskLimits, valueBytesMax: 200, recordBytesMax: 4096 };
const marks = { null: null, fixed: '***', hash: '0123', partial: 'p***q' } as const;
const mask = (_: Buffer, strategy: keyof typeof marks): Buffer | null => {
  const mark = marks[strategy];
  return mark === null ? null : Buffer.from(mark);
};

const planOf = (masks: readonly masking.HttpMask[]): masking.MaskPlan => {
  const plan = masking.planMasks(masks);
  assert(plan.kind === 'plan');
  return plan;
};

const fields = planOf([
  { field: '$..email', strategy: 'partial' },
  { field: '$.users[*].name', strategy: 'null' },
  { field: '$.list[1]', strategy: 'hash' },
]);
const detectors = planOf(
  ['card', 'email', 'iban', 'token', 'nl-bsn', 'es-dni', 'se-personnummer'].map((detect) => ({
    detect,
    strategy: 'fixed' as const,
  })),
);

const masked = (type: string, plan: masking.MaskPlan, chunks: readonly Buffer[]): string => {
  const masker = masking.bodyMasker(type, plan, mask, limits);
  assert(!('kind' in masker));
  const pieces = chunks.map((chunk) => Buffer.from(masker.push(Buffer.from(chunk))));
  return Buffer.concat([...pieces, masker.end()]).toString('latin1');
};

/** The output, or the refusal; the refusal is thrown on once every way agrees on it. */
const checkCuts = (type: string, plan: masking.MaskPlan, input: Buffer, random: Random): string => {
  const answers = [whole, byteByByte, inTwo(random)].map((cut) => {
    try {
      return masked(type, plan, cut(input));
    } catch (error) {
      if (error instanceof masking.MaskError) return error;
      throw error;
    }
  });
  const [first, ...others] = answers;
  assert(first !== undefined);
  for (const other of others) {
    if (first instanceof masking.MaskError) assert(other instanceof masking.MaskError);
    else assert.equal(other, first);
  }
  if (first instanceof masking.MaskError) throw first;
  return first;
};

const selectedValues = (value: unknown): readonly unknown[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) => [
    ...(name.toLowerCase() === 'email' ? [item] : []),
    ...selectedValues(item),
  ]);
};

const isMasked = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every(isMasked)
    : value === null || value === marks.partial || value === marks.fixed;

const checkJson = (input: Buffer, random: Random): void => {
  checkDetected('application/json', input, random);
  const output = checkCuts('application/json', fields, input, random);
  if (output.trim() === '') return;
  const parsed: unknown = JSON.parse(Buffer.from(output, 'latin1').toString('utf8'));
  JSON.parse(input.toString('utf8'));
  assert(selectedValues(parsed).every(isMasked));
};

/** Detectors refuse what fields refuse; where they pass, they do so in every cut. */
const checkDetected = (type: string, input: Buffer, random: Random): void => {
  try {
    checkCuts(type, detectors, input, random);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
};

const checkType =
  (type: string) =>
  (input: Buffer, random: Random): void => {
    checkDetected(type, input, random);
    checkCuts(type, fields, input, random);
  };

const checkText = (input: Buffer, random: Random): void => {
  checkCuts('text/plain', detectors, input, random);
};

const isRefusal = (error: unknown): boolean => error instanceof masking.MaskError;

export const maskingTargets: readonly Target[] = [
  { name: 'JsonMasker', check: checkJson, isRefusal },
  { name: 'NdjsonMasker', check: checkType('application/x-ndjson'), isRefusal },
  { name: 'EventStreamMasker', check: checkType('text/event-stream'), isRefusal },
  { name: 'CsvMasker', check: checkType('text/csv'), isRefusal },
  { name: 'TextMasker', check: checkText, isRefusal },
];
