// Maskers as the tests use them, and the ways in which a body may be cut.

import { maskText } from '../../../../engine/masking/index.ts';
import type { MaskStrategy } from '../../../../engine/model/index.ts';
import {
  bodyMasker,
  defaultMaskLimits,
  planMasks,
  type BodyMasker,
  type HttpMask,
  type MaskLimits,
} from '../../../../hosts/http/masking/index.ts';

const key = Buffer.alloc(32, 7);

export const mask = (value: Buffer, strategy: MaskStrategy): Buffer | null =>
  maskText(value, strategy, key);

export const maskedText = (value: string, strategy: MaskStrategy): string | null =>
  mask(Buffer.from(value), strategy)?.toString('utf8') ?? null;

export interface Setting {
  readonly type?: string;
  readonly masks: readonly HttpMask[];
  readonly limits?: Partial<MaskLimits>;
}

export const maskerFor = ({ type, masks, limits }: Setting): BodyMasker => {
  const plan = planMasks(masks);
  if (plan.kind === 'invalid') throw new Error(plan.message);
  const all = { ...defaultMaskLimits, ...limits };
  const masker = bodyMasker(type ?? 'application/json', plan, mask, all);
  if ('kind' in masker) throw new Error(masker.message);
  return masker;
};

export const field = (selector: string, strategy: MaskStrategy = 'fixed'): HttpMask => ({
  field: selector,
  strategy,
});

export const detect = (name: string, strategy: MaskStrategy = 'fixed'): HttpMask => ({
  detect: name,
  strategy,
});

export type Cut = (body: Buffer) => readonly Buffer[];

export const whole: Cut = (body) => [body];

export const every =
  (bytes: number): Cut =>
  (body) =>
    Array.from({ length: Math.ceil(body.length / bytes) }, (_, index) =>
      body.subarray(index * bytes, (index + 1) * bytes),
    );

/** Chunks are copied and overwritten afterwards: who keeps a view of one is found out. */
export const run = (masker: BodyMasker, chunks: readonly Buffer[]): Buffer => {
  const pieces: Buffer[] = [];
  for (const chunk of chunks) {
    const own = Buffer.from(chunk);
    pieces.push(Buffer.from(masker.push(own)));
    own.fill(0x5a);
  }
  pieces.push(masker.end());
  return Buffer.concat(pieces);
};

export const maskBody = (setting: Setting, body: string | Buffer, cut: Cut = whole): string =>
  run(maskerFor(setting), cut(Buffer.from(body))).toString('utf8');

/** The masked body, which must be the same however it is cut. */
export const maskEveryWay = (setting: Setting, body: string | Buffer): string => {
  const expected = maskBody(setting, body);
  for (const bytes of [1, 2, 3, 7, 64]) {
    const other = maskBody(setting, body, every(bytes));
    if (other !== expected) throw new Error(`cut every ${bytes} bytes: ${other}, not ${expected}`);
  }
  return expected;
};

/** The code of the refusal, the same however the body is cut; `undefined` when it passes. */
export const refusalOf = (setting: Setting, body: string | Buffer): string | undefined => {
  const codes = [whole, every(1), every(3)].map((cut) => {
    try {
      maskBody(setting, body, cut);
      return undefined;
    } catch (error) {
      return (error as { readonly code: string }).code;
    }
  });
  if (new Set(codes).size > 1) throw new Error(`refusals differ: ${codes.join(' ')}`);
  return codes[0];
};
