// A command that runs: its input to the target, its output to the caller, masked and recorded, and how it ended.

import type { JsonObject } from '#engine';

import type { Channel, ChannelExit } from '../guard/index.ts';
import type { OutputEvidence, OutputMaskPlan } from '../output/index.ts';
import { carry } from './carry.ts';
import type { Asking } from './connected.ts';
import { ShownOutput } from './shown-output.ts';

export interface RelayOptions {
  readonly asking: Asking;
  readonly caller: Channel;
  readonly target: Channel;
  readonly masks: OutputMaskPlan | undefined;
  readonly evidence: OutputEvidence;
}

/** Resolves when both channels are over and the outcome is noted; never rejects. */
export async function relay(options: RelayOptions): Promise<void> {
  const { asking, caller, target, evidence } = options;
  const startedAt = performance.now();
  let sent = 0;
  const cut = (): void => {
    target.abort();
    caller.abort();
  };
  asking.gone.addEventListener('abort', cut);
  if (asking.gone.aborted) cut();
  const input = (chunk: Buffer): Buffer => {
    sent += chunk.length;
    return chunk;
  };
  void carry(caller.input, target.output, input).then(() => target.output.end());
  const { masks } = options;
  const shown = { asking, evidence, masks };
  const output = new ShownOutput({ ...shown, stream: 'stdout', to: caller.output });
  const errors = new ShownOutput({ ...shown, stream: 'stderr', to: caller.outputError });
  await Promise.all([
    carry(target.input, caller.output, (chunk) => output.pass(chunk)),
    carry(target.inputError, caller.outputError, (chunk) => errors.pass(chunk)),
    target.gone,
  ]);
  output.end();
  errors.end();
  asking.gone.removeEventListener('abort', cut);
  const ms = Math.round(performance.now() - startedAt);
  const streams = { sent: { bytes: sent }, ...evidence.end() };
  asking.connected.session.note(outcomeEntry(asking, target.exit, { ms, ...streams }));
  caller.finish(target.exit);
}

/** How something on a channel ended, in its recording. */
export function outcomeEntry(
  { channel }: Pick<Asking, 'channel'>,
  exit: ChannelExit | undefined,
  more: JsonObject,
) {
  const how =
    exit === undefined
      ? { error: 'it ended without saying how' }
      : { tag: exit.kind === 'exit-status' ? `exit ${exit.status}` : `signal ${exit.name}` };
  return { type: 'outcome', channel, ...how, ...more };
}
