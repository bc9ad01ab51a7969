// Sends a case's frames to the gateway and tells what came of them.

import type { Frame } from '../../adversarial/http/http2-frames.ts';
import {
  encodeFrame,
  flag,
  framesIn,
  frameType,
  preface,
  settingsFrame,
} from '../../adversarial/http/http2-frames.ts';
import { RawClient } from '../../adversarial/http/raw-client.ts';
import type { HttpGateway } from '../../support/http-gateway.ts';
import type { ErrorName, Good, Http2Case, Outcome } from './case.ts';
import { errorNames, goodRequest, stream } from './case.ts';
import { governingCases } from './control-cases.ts';
import { fieldAndHpackCases } from './field-cases.ts';
import { frameCases } from './frame-cases.ts';
import { streamCases } from './stream-cases.ts';

export const http2Cases: readonly Http2Case[] = [
  ...frameCases,
  ...governingCases,
  ...streamCases,
  ...fieldAndHpackCases,
];

/** Behind all streams of the cases. */
const probeStream = 1001;
const settleMsMax = 5_000;
/** `:status: 200`, the eighth entry of the static table. */
const servedStatus = 0x88;

export const goodRequestOf = (gateway: HttpGateway, target: string): Good =>
  goodRequest(`${target}.localhost`, gateway.headers(target)['Authorization'] ?? '');

const bytesOf = (part: Frame | Buffer): Buffer =>
  Buffer.isBuffer(part) ? part : encodeFrame(part);

/** Sends the frames of the case and, behind them, a request that is served where the connection goes on. */
export async function runCase(
  { port, ca }: Pick<HttpGateway, 'port' | 'ca'>,
  { frames, isBare, expect, on = stream }: Http2Case,
  good: Good,
): Promise<Outcome | 'nothing'> {
  using client = await RawClient.open({ port, ca, protocol: 'h2' });
  const opening = isBare === true ? [] : [preface, settingsFrame()];
  const parts = [...opening, ...frames(good), { ...good.get, stream: probeStream }];
  client.send(Buffer.concat(parts.map(bytesOf)));
  const isSettled = (received: readonly Frame[]): boolean =>
    endsOn(received, probeStream) && (expect === 'ignored' || endsOn(received, on));
  await client.until((bytes) => isSettled(framesIn(bytes)), settleMsMax);
  return outcomeOf(framesIn(client.bytes), on, client.isOver);
}

const endsOn = (frames: readonly Frame[], on: number): boolean =>
  frames.some(
    (each) =>
      each.stream === on &&
      (each.type === frameType.reset ||
        (each.type <= frameType.headers && (each.flags & flag.endStream) !== 0)),
  );

function outcomeOf(frames: readonly Frame[], on: number, isClosed: boolean): Outcome | 'nothing' {
  const goAway = frames.find(({ type }) => type === frameType.goAway);
  if (goAway !== undefined) return `connection error ${errorName(goAway.payload.readUInt32BE(4))}`;
  if (isClosed) return 'closed';
  if (!isServed(frames, probeStream)) return 'nothing';
  const own = frames.filter((each) => each.stream === on);
  const head = own.find(({ type }) => type === frameType.headers);
  const reset = own.find(({ type }) => type === frameType.reset);
  if (head !== undefined) return answerIn(head, own);
  if (reset !== undefined) return `stream error ${errorName(reset.payload.readUInt32BE(0))}`;
  return 'ignored';
}

const isServed = (frames: readonly Frame[], on: number): boolean =>
  frames.some(({ type, stream: of, payload }) => {
    return type === frameType.headers && of === on && payload[0] === servedStatus;
  });

/** The static table has the status of what is served (RFC 7541 appendix A); others say theirs in the body. */
function answerIn(head: Frame, own: readonly Frame[]): Outcome {
  if (head.payload[0] === servedStatus) return 'served';
  const body = Buffer.concat(
    own.filter(({ type }) => type === frameType.data).map(({ payload }) => payload),
  );
  const { status, rule } = JSON.parse(body.toString()) as { status: number; rule: string };
  return `refused ${status} ${rule}`;
}

const errorName = (code: number): ErrorName => errorNames[code] ?? 'NO_ERROR';
