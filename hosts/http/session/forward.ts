// A permitted request on its way to the target: with the gateway's credential and the signed name of the caller.

import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import type { Refusal } from '../refusal.ts';
import { refuse } from '../refusal.ts';
import type { HeaderField } from '../wire/index.ts';
import { flatFields } from '../wire/index.ts';
import { maskPlanOf, planAnswer, requestFieldsUnderMasks } from './answer-masks.ts';
import type { AnswerOutcome, PlanAnswer } from './answer.ts';
import { AnswerRelay } from './answer.ts';
import { outcomeEntry } from './evidence.ts';
import type { Exchange, Permitted } from './exchange.ts';
import { outgoing } from './outgoing.ts';
import { originsOf, redirectedHere } from './redirection.ts';
import { forwardUpgrade } from './websocket.ts';
import { forwardGrpc } from './grpc.ts';
import type { Upload } from './request-body.ts';
import { readAhead, upload } from './request-body.ts';

/** Read before a connection to the target is taken: most bodies are there by then. */
const aheadBytes = 64 * 1024;
const asItIs: PlanAnswer = () => ({ kind: 'clear' });

type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'upload'; readonly upload: Upload };

const noBody: Body = { kind: 'none' };

export async function forward(exchange: Exchange, permitted: Permitted): Promise<void> {
  const { request, downstream, target, session, patience } = exchange;
  if (request.upgrade !== undefined) {
    await forwardUpgrade(exchange, permitted, request.upgrade);
    return;
  }
  if (downstream.grpc !== undefined && target.config.http2) {
    await forwardGrpc(exchange, permitted, downstream.grpc);
    return;
  }
  const plan = planOf(exchange, permitted);
  if ('status' in plan) {
    refuseForwarded(exchange, plan);
    return;
  }
  const body =
    request.framing.kind === 'none'
      ? noBody
      : await session.during(bodyOf(exchange, permitted), () => patience.endWithSession());
  if (body === undefined || session.hasEnded) return;
  const { method, path, query } = request;
  const bodyHash = target.credential.needsBodyHash ? hashOf(body) : undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const relay = new AnswerRelay({
    downstream,
    plan: plan.answer,
    progress: patience.progress,
    translate: (fields) => redirectedHere(fields, originsOf(exchange)),
    onEnd: (outcome) => {
      note(exchange, outcome, body);
      resolve(undefined);
    },
  });
  const untrack = session.track(() => {
    relay.cut('the session ended');
  });
  patience.shares(target.pools);
  target.pools.dispatch(
    {
      method,
      path: query === undefined ? path : `${path}?${query}`,
      headers: flatFields([
        ['host', target.authority],
        ...outgoing(exchange, plan.fields, bodyHash),
        ...framingOf(exchange, body),
      ]),
      body: streamOf(body),
    },
    relay,
  );
  await promise;
  untrack();
}

interface ForwardPlan {
  readonly answer: PlanAnswer;
  readonly fields: readonly HeaderField[];
}

function planOf(
  { services, request }: Exchange,
  { masks, renamed }: Permitted,
): ForwardPlan | Refusal {
  if (masks.length === 0) return { answer: asItIs, fields: request.fields };
  const plan = maskPlanOf(masks, renamed);
  if ('status' in plan) return plan;
  const mask = services.engine.mask.bind(services.engine);
  return {
    answer: planAnswer(plan, mask, request),
    fields: requestFieldsUnderMasks(request.fields),
  };
}

/** Nothing when the caller broke off, or was refused. */
async function bodyOf(exchange: Exchange, { body }: Permitted): Promise<Body | undefined> {
  const { request, downstream, target, patience, services } = exchange;
  if (body !== undefined) return { kind: 'whole', bytes: body };
  patience.goAhead(request);
  const { needsBodyHash } = target.credential;
  const bytesMax = needsBodyHash ? services.limits.bodyBytesMax : aheadBytes;
  const ahead = await readAhead(downstream.body, bytesMax, patience.progress);
  switch (ahead.kind) {
    case 'aborted':
      note(exchange, { status: 0, bytes: 0, error: 'the caller broke off' }, { kind: 'none' });
      return undefined;
    case 'whole':
      return { kind: 'whole', bytes: ahead.body };
    case 'more':
      if (!needsBodyHash) {
        return { kind: 'upload', upload: upload(downstream.body, ahead.first, patience.progress) };
      }
      refuseForwarded(exchange, {
        status: 413,
        code: 'statement-too-large',
        message: `this target's requests are signed with their bodies, of at most ${bytesMax} bytes`,
      });
      return undefined;
  }
}

/** What was permitted and comes to nothing: its entry is followed by one that says so. */
function refuseForwarded(exchange: Exchange, refusal: Refusal): void {
  const { status, message } = refusal;
  note(exchange, { status, bytes: 0, error: message }, { kind: 'none' });
  refuse(exchange.downstream, refusal);
}

/** The gateway frames anew what it forwards: by length where it is known, else in chunks. */
function framingOf({ request }: Exchange, body: Body): readonly HeaderField[] {
  if (body.kind === 'whole') return [['content-length', String(body.bytes.length)]];
  const { framing } = request;
  return framing.kind === 'length' ? [['content-length', String(framing.bytes)]] : [];
}

const hashOf = (body: Body): string =>
  createHash('sha256')
    .update(body.kind === 'whole' ? body.bytes : '')
    .digest('hex');

function streamOf(body: Body): Buffer | Readable | null {
  switch (body.kind) {
    case 'none':
      return null;
    case 'whole':
      return body.bytes;
    case 'upload':
      return body.upload.stream;
  }
}

/** What was sent of a body that nobody read belongs to the evidence too. */
function note({ session, number, startedAt }: Exchange, outcome: AnswerOutcome, body: Body): void {
  const { status, bytes, error } = outcome;
  const sent = sentOf(body);
  session.note(outcomeEntry({ request: number, startedAt, status, bytes, sent, error }));
}

function sentOf(body: Body) {
  switch (body.kind) {
    case 'none':
      return undefined;
    case 'whole':
      return { bytes: body.bytes.length, sha256: hashOf(body) };
    case 'upload':
      return body.upload.sent();
  }
}
