// What masks in force make of an answer: which fields of its head may pass, and how its body is masked.

import type { MaskStrategy, MaskingRule } from '#engine';

import type { HttpMask, MaskPlan } from '../masking/index.ts';
import {
  bodyMasker,
  contentDecoder,
  defaultDecodeLimits,
  defaultMaskLimits,
  planMasks,
} from '../masking/index.ts';
import type { Refusal } from '../refusal.ts';
import { unmaskable } from '../refusal.ts';
import type { CanonicalRequest, HeaderField } from '../wire/index.ts';
import { answerFieldsUnderMasks } from './answer-fields.ts';
import type { PlanAnswer } from './answer.ts';

/** Conditions and ranges are about bytes that the caller will never see; what is encoded cannot be read in passing. */
const dropped: ReadonlySet<string> = new Set([
  ...['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since'],
  ...['if-unmodified-since', 'accept-encoding'],
]);

/** The fields that go to the target of a request whose answer will be masked. */
export function requestFieldsUnderMasks(fields: readonly HeaderField[]): readonly HeaderField[] {
  return [...fields.filter(([name]) => !dropped.has(name)), ['accept-encoding', 'identity']];
}

const plans = new WeakMap<readonly MaskingRule[], MaskPlan | Refusal>();

/**
 * The masks of a ruling, compiled once; a refusal when there is one that means nothing to documents.
 *
 * @param renamed Members that the caller wants under other names: none of them may be one that a selector looks for.
 */
export function maskPlanOf(
  masks: readonly MaskingRule[],
  renamed: readonly string[],
): MaskPlan | Refusal {
  const known = plans.get(masks) ?? compile(masks);
  plans.set(masks, known);
  if ('status' in known) return known;
  const { names } = known.automaton;
  const isHidden = renamed.some((name) => names.placeOf(name) !== names.none);
  return isHidden ? unmaskable('an alias hides a field that it names') : known;
}

function compile(masks: readonly MaskingRule[]): MaskPlan | Refusal {
  const own: HttpMask[] = [];
  for (const mask of masks) {
    if ('column' in mask)
      return unmaskable(`the policy masks the column ${mask.column} of no database`);
    own.push(mask);
  }
  const plan = planMasks(own);
  return plan.kind === 'invalid' ? unmaskable(plan.message) : plan;
}

/** Statuses that have no body, by their nature (RFC 9110 §15). */
const bodyless = new Set([204, 205, 304]);

export function planAnswer(
  plan: MaskPlan,
  mask: (value: Buffer, strategy: MaskStrategy) => Buffer | null,
  { method, fields: asked }: Pick<CanonicalRequest, 'method' | 'fields'>,
): PlanAnswer {
  return ({ status, fields, framing }) => {
    const head = answerFieldsUnderMasks(fields, asked);
    const value = (name: string): string | undefined => fields.find(([each]) => each === name)?.[1];
    if (status === 206) return refused('the target sent a part of what would have to be masked');
    const isEmpty = framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0);
    if (method === 'HEAD' || bodyless.has(status) || isEmpty) {
      return { kind: 'masked', fields: head, decoder: undefined, masker: nothing };
    }
    const decoder = contentDecoder(value('content-encoding'), defaultDecodeLimits);
    if (decoder !== undefined && 'kind' in decoder) return refused(decoder.message);
    const masker = bodyMasker(value('content-type') ?? '', plan, mask, defaultMaskLimits);
    if ('kind' in masker) return refused(masker.message);
    return { kind: 'masked', fields: head, decoder, masker };
  };
}

const empty = Buffer.alloc(0);

/** For an answer without a body: were there one after all, it would not pass. */
const nothing = { push: () => empty, end: () => empty };

const refused = (message: string) => ({ kind: 'refused', refusal: unmaskable(message) }) as const;
