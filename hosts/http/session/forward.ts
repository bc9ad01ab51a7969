// A permitted request on its way to the target: with the gateway's credential and the signed name of the caller.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import type { HeaderField } from '../wire/index.ts';
import { assertionField } from '../upstream/assertion.ts';
import { planAnswer, maskPlanOf, requestFieldsUnderMasks } from './answer-masks.ts';
import type { AnswerOutcome, PlanAnswer } from './answer.ts';
import { AnswerRelay } from './answer.ts';
import { outcomeEntry } from './evidence.ts';
import type { Exchange, Permitted } from './exchange.ts';
import type { Upload } from './request-body.ts';
import { readAhead, upload } from './request-body.ts';
import { refuse } from '../refusal.ts';

/** Read before a connection to the target is taken: most bodies are there by then. */
const aheadBytes = 64 * 1024;
const asItIs: PlanAnswer = () => ({ kind: 'clear' });

type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'upload'; readonly upload: Upload };

export async function forward(exchange: Exchange, permitted: Permitted): Promise<void> {
  const { request, downstream, services, target } = exchange;
  const plan = planOf(exchange, permitted);
  if ('status' in plan) {
    refuse(downstream, plan);
    return;
  }
  const body = await bodyOf(exchange, permitted);
  if (body === undefined) return;
  const { method, path, query } = request;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const relay = new AnswerRelay({
    request,
    downstream,
    plan: plan.answer,
    onEnd: (outcome) => {
      note(exchange, outcome, body);
      resolve(undefined);
    },
  });
  const untrack = exchange.session.track(() => {
    relay.cut('the session ended');
  });
  target.pools.dispatch(
    {
      method,
      path: query === undefined ? path : `${path}?${query}`,
      headers: headersOf(exchange, plan.fields, body),
      body: streamOf(body),
    },
    relay,
  );
  await promise;
  untrack();
}
