// What masking JSON must give, told by a parsed tree and written for plainness: the streaming masker is compared with it.

import type { HttpMask } from '../../../../hosts/http/masking/index.ts';
import { maskStrategies, type MaskStrategy } from '../../../../engine/model/index.ts';
import { maskedText } from './support.ts';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type FieldMask = Extract<HttpMask, { readonly field: string }>;

type Path = readonly (string | number)[];

/** The simple selectors that the generator makes: `.name`, `[n]`, `[*]`, each also behind `..`. */
const stepsOf = (selector: string): readonly (readonly [deep: boolean, child: string])[] =>
  [...selector.matchAll(/(\.\.|\.)?(?:\[([^\]]+)\]|([^.[]+))/g)]
    .slice(1)
    .map(([, dots, bracketed, plain]) => [dots === '..', bracketed ?? plain ?? '']);

const isChild = (child: string, key: string | number): boolean => {
  if (child === '*') return true;
  return typeof key === 'number'
    ? String(key) === child
    : key.toLowerCase() === child.toLowerCase();
};

const selects = (steps: ReturnType<typeof stepsOf>, path: Path): boolean => {
  const [step, ...later] = steps;
  if (step === undefined) return path.length === 0;
  const [deep, child] = step;
  const starts = deep ? path.map((_, index) => index) : [0];
  return starts.some((start) => {
    const key = path[start];
    return key !== undefined && isChild(child, key) && selects(later, path.slice(start + 1));
  });
};

/** Of the value at the path, or of what lies around it. */
const strategyAt = (masks: readonly FieldMask[], path: Path): MaskStrategy | undefined => {
  const prefixes = [...path.map((_, length) => path.slice(0, length)), path];
  const reached = masks
    .filter(({ field }) =>
      prefixes.some((prefix) => selects(stepsOf(`@${field.slice(1)}`), prefix)),
    )
    .map(({ strategy }) => maskStrategies.indexOf(strategy));
  return reached.length === 0 ? undefined : maskStrategies[Math.min(...reached)];
};

const holdsJson = (text: string): boolean => {
  const trimmed = text.trimStart();
  return /^[{["]/.test(trimmed) && trimmed.includes('"') && /[{[]/.test(trimmed);
};

export const referenceMask = (value: Json, masks: readonly FieldMask[], path: Path = []): Json => {
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => referenceMask(item, masks, [...path, index]));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        referenceMask(item, masks, [...path, name]),
      ]),
    );
  }
  const strategy = strategyAt(masks, path);
  if (strategy !== undefined) return typeof value === 'string' ? maskedText(value, strategy) : null;
  return typeof value === 'string' && holdsJson(value) ? '***' : value;
};
