// What the resolver answers, parsed once. Anything that is not exactly its shape is an error, hence a deny.

import type {
  ApprovalRequirement,
  Budget,
  MaskStrategy,
  MaskingRule,
  Reason,
  ReasonCode,
} from '../model/index.ts';
import { PolicyError, budgetUnits, maskStrategies, unbounded } from '../model/index.ts';

/** The resolver's decision object without its nonce. */
export type Ruling =
  | {
      readonly verdict: 'allow';
      readonly reasons: Reasons;
      readonly masks: Masks;
      readonly infer: readonly string[];
      readonly budget: Budget;
    }
  | { readonly verdict: 'deny'; readonly reasons: Reasons }
  | {
      readonly verdict: 'hold';
      readonly reasons: Reasons;
      readonly requirements: readonly ApprovalRequirement[];
      readonly ttlSeconds: number;
      readonly masks: Masks;
      readonly infer: readonly string[];
      readonly budget: Budget;
    };

type Reasons = readonly Reason[];
type Masks = readonly MaskingRule[];
type Fields = Readonly<Record<string, unknown>>;

const codesOf: Readonly<Record<Ruling['verdict'], readonly ReasonCode[]>> = {
  allow: ['rule-allow'],
  deny: ['rule-deny', 'no-rule-allows', 'policy-error'],
  hold: ['rule-approve'],
};

/**
 * The contributions, as JSON text, in what a route answered: `[{"result":["<nonce>",[…]]}]`.
 *
 * @throws PolicyError `policy-result` when the result is undefined, of another shape, or does not echo the nonce.
 */
export function contributionsOf(text: string, nonce: string): string {
  const end = answerStart.length + nonce.length;
  const echoes = text.startsWith(answerStart) && text.startsWith(nonce, answerStart.length);
  if (!echoes || !text.startsWith('",', end) || !text.endsWith(answerEnd)) {
    throw malformed('the result is undefined or does not echo the nonce');
  }
  return text.slice(end + 2, -answerEnd.length);
}

const answerStart = '[{"result":["';
const answerEnd = ']}]';

/**
 * Parses the JSON text that the resolver returned, `[{"result": {…}}]`.
 *
 * @throws PolicyError `policy-result` when the result is undefined, of another shape, or does not echo
 *   the nonce of this very evaluation.
 */
export function parseRuling(text: string, nonce: string): Ruling {
  const set = parseJson(text);
  if (!Array.isArray(set) || set.length !== 1) throw malformed('the result is undefined');
  const { result } = fields(set[0], 'result set');
  const ruling = fields(result, 'result');
  if (ruling['nonce'] !== nonce) throw malformed('the result does not echo the nonce');
  return rulingOf(ruling);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('the result is no JSON');
  }
}

function rulingOf(ruling: Fields): Ruling {
  const { verdict } = ruling;
  switch (verdict) {
    case 'allow':
      return {
        verdict,
        reasons: reasonsOf(ruling, verdict),
        masks: masksOf(ruling),
        infer: inferOf(ruling),
        budget: budgetOf(ruling),
      };
    case 'deny':
      return { verdict, reasons: reasonsOf(ruling, verdict) };
    case 'hold': {
      const approvals = list(ruling['approvals'], 'approvals').map(approvalOf);
      if (approvals.length === 0) throw malformed('a hold names no approval');
      return {
        verdict,
        reasons: reasonsOf(ruling, verdict),
        requirements: approvals.map((approval) => approval.requirement),
        ttlSeconds: Math.min(...approvals.map((approval) => approval.ttlSeconds)),
        masks: masksOf(ruling),
        infer: inferOf(ruling),
        budget: budgetOf(ruling),
      };
    }
    default:
      throw malformed('the verdict is unknown');
  }
}

function reasonsOf(ruling: Fields, verdict: Ruling['verdict']): Reasons {
  const code = codesOf[verdict].find((known) => known === ruling['code']);
  if (code === undefined) throw malformed('the reason code does not fit the verdict');
  const reasons = list(ruling['reasons'], 'reasons').map((item) => {
    const reason = fields(item, 'reason');
    return {
      code,
      rule: string(reason['rule'], 'reason.rule'),
      message: string(reason['message'], 'reason.message'),
    };
  });
  if (code === 'no-rule-allows') return [{ code, message: 'no rule allows this statement' }];
  if (reasons.length === 0) throw malformed('a verdict without a reason');
  return reasons;
}

function masksOf(ruling: Fields): Masks {
  return list(ruling['masks'], 'masks').map((item) => {
    const mask = fields(item, 'mask');
    const strategy = strategyOf(mask['strategy']);
    if ('field' in mask) return { field: string(mask['field'], 'mask.field'), strategy };
    if ('detect' in mask) return { detect: string(mask['detect'], 'mask.detect'), strategy };
    return { column: string(mask['column'], 'mask.column'), strategy };
  });
}

const inferOf = (ruling: Fields): readonly string[] =>
  list(ruling['infer'], 'infer').map((column) => string(column, 'infer'));

function budgetOf(ruling: Fields): Budget {
  const bounds = Object.entries(fields(ruling['budget'], 'budget')).map(([name, bound]) => {
    const unit = budgetUnits.find((known) => known === name);
    if (unit === undefined) throw malformed('the unit of a budget is unknown');
    if (!Number.isSafeInteger(bound) || Number(bound) < 1) {
      throw malformed(`budget.${unit} is not a positive whole number`);
    }
    return [unit, Number(bound)] as const;
  });
  return bounds.length === 0 ? unbounded : Object.fromEntries(bounds);
}

function strategyOf(value: unknown): MaskStrategy {
  const strategy = maskStrategies.find((known) => known === value);
  if (strategy === undefined) throw malformed('the masking strategy is unknown');
  return strategy;
}

function approvalOf(item: unknown) {
  const approval = fields(item, 'approval');
  const { quorum } = approval;
  if (!Number.isSafeInteger(quorum) || Number(quorum) < 1) {
    throw malformed('approval.quorum is not a positive whole number');
  }
  const groups = list(approval['groups'], 'approval.groups').map((group) =>
    string(group, 'approval.groups'),
  );
  if (groups.length === 0) throw malformed('approval.groups is empty');
  return {
    requirement: {
      rule: string(approval['rule'], 'approval.rule'),
      message: string(approval['message'], 'approval.message'),
      groups,
      quorum: Number(quorum),
    },
    ttlSeconds: parseTtl(string(approval['ttl'], 'approval.ttl')),
  };
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `10m`, `2h` in seconds. */
function parseTtl(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  const factor = secondsPer[unit ?? ''];
  if (factor === undefined) throw malformed(`approval.ttl '${text}' is not like 90s, 10m or 2h`);
  return Number(amount) * factor;
}

function fields(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(`${what} is not an object`);
}

function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(`${what} is not a list`);
}

function string(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw malformed(`${what} is not a string`);
}

function malformed(what: string): PolicyError {
  return new PolicyError('policy-result', `the policy answered nonsense: ${what}`);
}
