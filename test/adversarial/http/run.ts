// One payload against one subject: sent, answered, and held against what its target got.

import type { RecordingUpstream } from '#lab';
import { requestEnd } from '#lab';

import { answerBody } from './answer-cases.ts';
import { readAnswers } from './answers.ts';
import { framesIn, frameType } from './http2-frames.ts';
import { judgedBytes, withoutAssertion } from './judged.ts';
import type { MaskedOutcome } from './masked-case.ts';
import type { Payload } from './payload.ts';
import { bytesOf } from './payload.ts';
import { RawClient } from './raw-client.ts';
import type { Subject } from './subject.ts';

export interface Row {
  readonly name: string;
  readonly class: string;
  readonly expected: Payload['expect'] | MaskedOutcome;
  readonly got: string;
  readonly pass: boolean;
}

export interface Outcome {
  readonly row: Row;
  /** Of every request that came to the target: method and target. */
  readonly received: readonly string[];
}

/** What a caller saw, and what the target did. */
interface Seen {
  readonly status: number;
  readonly body: string;
  /** Whether the requests that follow, of this caller and of another one, get answers of their own. */
  readonly isInStep: boolean;
  readonly received: Buffer;
}

const patienceMs = 2000;
/** Follows the payload on its connection, which shows whether caller and gateway still agree where they are. */
export const sentinel = bytesOf({ first: 'GET /sentinel HTTP/1.1', lines: ['Connection: close'] });
/** On a connection of its own: when it is answered, all that went before has come to the target. */
const barrier = bytesOf({ first: 'GET /barrier HTTP/1.1', lines: ['Connection: close'] });

export async function run(
  payload: Payload,
  subject: Subject,
  upstream: RecordingUpstream,
): Promise<Outcome> {
  upstream.take();
  upstream.answerWith(payload.answer?.bytes, payload.answer?.closes);
  const seen = await (payload.isHttp2 === true ? askHttp2 : askHttp1)(payload, subject, upstream);
  const { expect: expected, name, class: kind } = payload;
  const got =
    payload.answer === undefined ? request(payload, subject, seen, upstream) : answer(seen);
  const pass = expected === 'same' ? got === 'same' : /^(refused|cut)/.test(got);
  return {
    row: { name, class: kind, expected, got, pass: pass && hasRule(payload, seen, subject) },
    received: requestsIn(seen.received).map(asked),
  };
}

async function askHttp1(
  payload: Payload,
  subject: Subject,
  upstream: RecordingUpstream,
): Promise<Seen> {
  using client = await RawClient.open({ ...subject, protocol: 'http/1.1' });
  const bytes = payload.bytes(subject.addressee);
  const methods = [bytes.toString('latin1', 0, bytes.indexOf(' ')), 'GET'];
  const answersOf = () => readAnswers(client.bytes, methods).answers;
  client.send(bytes, payload.endsWriting === true);
  await client.until(() => answersOf().length > 0, patienceMs);
  upstream.answerWith(undefined);
  client.send(sentinel(subject.addressee));
  await client.until(() => false, client.isOver ? 0 : patienceMs);
  const isUnharmed = await settle(subject);
  const [first, ...others] = answersOf();
  const isOwn = others.length === 0 || (others[0]?.body ?? '').startsWith('GET /sentinel ');
  return {
    status: first?.status ?? 0,
    body: first?.body ?? '',
    isInStep: isUnharmed && isOwn && others.length < 2,
    received: upstream.take(),
  };
}

async function askHttp2(
  payload: Payload,
  subject: Subject,
  upstream: RecordingUpstream,
): Promise<Seen> {
  using client = await RawClient.open({ ...subject, protocol: 'h2' });
  const isOver = (): boolean =>
    framesIn(client.bytes).some(
      ({ type, flags, stream }) =>
        type === frameType.goAway ||
        (stream === 1 &&
          (type === frameType.reset || (type <= frameType.headers && (flags & 1) === 1))),
    );
  client.send(payload.bytes(subject.addressee));
  await client.until(isOver, patienceMs);
  const isInStep = await settle(subject);
  const frames = framesIn(client.bytes).filter(({ stream }) => stream === 1);
  const head = frames.find(({ type }) => type === frameType.headers)?.payload;
  const data = frames.filter(({ type }) => type === frameType.data).map((frame) => frame.payload);
  return {
    status: statusOf(head),
    body: Buffer.concat(data).toString('latin1'),
    isInStep,
    received: upstream.take(),
  };
}

/** By index in the static table (RFC 7541 appendix A); other than that, some refusal. */
const statusOf = (block: Buffer | undefined): number => {
  if (block === undefined) return 0;
  return block.includes(0x88) && block.indexOf(0x88) < 4 ? 200 : 400;
};

/** Whether the next caller's request, on a connection of its own, is answered with what it asked for. */
async function settle(subject: Subject): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    using client = await RawClient.open({ ...subject, protocol: 'http/1.1' });
    client.send(barrier(subject.addressee));
    const isAnswered = (bytes: Buffer): boolean => bytes.includes('GET /barrier ');
    if (await client.until(isAnswered, patienceMs)) return attempt === 0;
  }
  throw new Error(`${subject.name} is stuck`);
}

/** What became of a request. */
function request(
  payload: Payload,
  subject: Subject,
  seen: Seen,
  upstream: RecordingUpstream,
): string {
  const sent = payload.bytes(subject.addressee);
  const received = requestsIn(seen.received).filter(
    (each) => !/^GET \/(sentinel|barrier) /.test(each),
  );
  if (received.length === 0) return refusal(seen);
  if (received.length > 1) return `passed on ${received.length} requests`;
  const [only = ''] = received;
  if (payload.absent !== undefined && only.includes(payload.absent)) return 'passed on, forged';
  const judged = judgedBytes(
    (payload.comesTo ?? payload.bytes)(subject.addressee),
    `127.0.0.1:${upstream.port}`,
  );
  const isSame =
    subject.name === 'sallyport'
      ? withoutAssertion(Buffer.from(only, 'latin1')) === judged
      : asked(only) === asked(payload.expect === 'same' ? judged : sent.toString('latin1'));
  if (!isSame) return 'passed on, changed';
  if (!seen.isInStep) return 'passed on, out of step';
  return payload.expect === 'same' ? 'same' : 'passed on';
}

/** Method and target. */
export const asked = (head: string): string => head.split(' ', 2).join(' ');

/** What became of an answer. */
function answer(seen: Seen): string {
  if (!seen.isInStep) return 'passed on, out of step';
  const isWhole = seen.status >= 200 && seen.status < 400;
  if (isWhole && seen.body === answerBody) return 'same';
  if (isWhole) return 'passed on, changed';
  return refusal(seen);
}

const refusal = ({ status }: Seen): string => (status === 0 ? 'cut' : `refused ${status}`);

/** All requests in the bytes; what is none is the last of them. */
function requestsIn(bytes: Buffer): readonly string[] {
  const requests: string[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = requestEnd(rest) ?? rest.length;
    requests.push(rest.toString('latin1', 0, end));
    rest = rest.subarray(end);
  }
  return requests;
}

/** Sallyport's own refusals name their rule. */
function hasRule({ rule }: Payload, { body }: Seen, { name }: Subject): boolean {
  if (name !== 'sallyport' || rule === undefined) return true;
  return body.includes(`"rule":"${rule}"`);
}

/** Permissions say `METHOD authority/path`; each is good for one request. */
export function unpermitted(
  received: readonly string[],
  permitted: readonly string[],
): readonly string[] {
  const left = permitted.map((text) => text.replace(/ [^/]+/, ' '));
  return received.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
