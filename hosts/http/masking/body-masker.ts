// Chooses the masker of a body by its type. A type that no masker understands cannot be sent under masks.

import type { MaskLimits } from './body-limits.ts';
import { CsvMasker } from './csv-masker.ts';
import { EventStreamMasker } from './event-stream-masker.ts';
import { JsonMasker } from './json-masker.ts';
import { parseMediaType, type MediaType } from './media-type.ts';
import type { BodyMasker, Unmaskable } from './masker.ts';
import { NdjsonMasker } from './ndjson-masker.ts';
import type { MaskPlan } from './plan.ts';
import { TextMasker } from './text-masker.ts';
import { ValueMasker, type Mask } from './value-masker.ts';

const ndjsonTypes = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/jsonlines',
];

/** Types whose characters stand for themselves; not HTML and XML, whose escapes would hide values. */
const plainTypes = ['text/plain', 'text/markdown'];

/** `contentType`: the whole value of the header. `mask`: as the engine's; asked with UTF-8 text. */
export const bodyMasker = (
  contentType: string,
  plan: MaskPlan,
  mask: Mask,
  limits: MaskLimits,
): BodyMasker | Unmaskable => {
  const type = parseMediaType(contentType);
  if (type === undefined) return unmaskable('content type not understood');
  const charset = type.parameters.get('charset');
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return unmaskable('charset is not utf-8');
  }
  return (
    maskerOf(type, plan, new ValueMasker(plan, mask, limits)) ??
    // Not which: it goes to the caller, and the word is the target's.
    unmaskable('bodies of its content type are not understood')
  );
};

const maskerOf = (
  { essence, parameters }: MediaType,
  plan: MaskPlan,
  values: ValueMasker,
): BodyMasker | undefined => {
  const { automaton } = plan;
  if (ndjsonTypes.includes(essence)) return new NdjsonMasker(automaton, values);
  if (essence === 'text/event-stream') return new EventStreamMasker(automaton, values);
  if (essence === 'text/csv') {
    const hasHeader = parameters.get('header')?.toLowerCase() !== 'absent';
    return hasHeader || !plan.hasFields ? new CsvMasker(automaton, values) : undefined;
  }
  if (isJson(essence)) return new JsonMasker(automaton, values, automaton.root);
  if (plainTypes.includes(essence) && !plan.hasFields) return new TextMasker(values);
  return undefined;
};

/** RFC 6839 §3.1: structured syntax suffix. */
const isJson = (essence: string): boolean =>
  essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');

const unmaskable = (message: string): Unmaskable => ({ kind: 'unmaskable', message });
