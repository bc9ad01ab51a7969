// A command that runs: its input to the target, its output to the caller, masked and recorded, and how it ended.

import type { Channel } from '../guard/index.ts';
import type { OutputEvidence, OutputMaskPlan } from '../output/index.ts';
import { carry } from './carry.ts';
import type { Asking } from './connected.ts';
import { howItEnded, Outcome } from './outcome.ts';
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
  const outcome = new Outcome(asking);
  let sent = 0;
  const noteOutcome = (): void => {
    outcome.note(howItEnded(target.exit), () => ({
      sent: { bytes: sent },
      output: evidence.end(),
    }));
  };
  const cut = (): void => {
    noteOutcome();
    target.abort();
    caller.abort();
  };
  asking.gone.addEventListener('abort', cut);
  if (asking.gone.aborted) cut();
  const ended = (error: unknown): void => {
    if (error !== undefined) asking.connected.fail(error);
  };
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
    carry(target.input, caller.output, (chunk) => output.pass(chunk)).then(ended),
    carry(target.inputError, caller.outputError, (chunk) => errors.pass(chunk)).then(ended),
    target.gone,
  ]);
  output.end();
  errors.end();
  asking.gone.removeEventListener('abort', cut);
  noteOutcome();
  caller.finish(target.exit);
}
