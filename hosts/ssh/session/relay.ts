// A command that runs: its input to the target, its output to the caller, masked and recorded, and how it ended.

import type { JsonObject } from '#engine';

import type { Channel, ChannelExit } from '../guard/index.ts';
import type { OutputMaskPlan } from '../output/index.ts';
import type { OutputEvidence } from '../output/index.ts';
import { OutputMasker } from '../output/index.ts';
import { carry } from './carry.ts';
import type { Asking } from './connected.ts';

/** After this long without output, what is held back as the beginning of a value is shown: a prompt may look like one. */
const quietMs = 200;

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
  const output = new ShownStream(options, 'stdout');
  const errors = new ShownStream(options, 'stderr');
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

/** One stream of output on its way to the caller: what the caller sees is what is recorded. */
class ShownStream {
  readonly #evidence: OutputEvidence;
  readonly #stream: 'stdout' | 'stderr';
  readonly #to: Channel['output'];
  readonly #masker: OutputMasker | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor({ asking, caller, masks, evidence }: RelayOptions, stream: 'stdout' | 'stderr') {
    const { engine } = asking.connected.services;
    this.#to = stream === 'stdout' ? caller.output : caller.outputError;
    this.#evidence = evidence;
    this.#stream = stream;
    this.#masker =
      masks && new OutputMasker(masks, (value, strategy) => engine.mask(value, strategy));
  }

  pass(chunk: Buffer): Buffer {
    const masker = this.#masker;
    if (masker === undefined) return this.#shown(chunk);
    const passed = masker.push(chunk);
    if (masker.isHolding) this.#flushLater(masker);
    return this.#shown(passed);
  }

  end(): void {
    clearTimeout(this.#quiet);
    if (this.#masker !== undefined) this.#write(this.#masker.end());
  }

  #flushLater(masker: OutputMasker): void {
    if (this.#quiet !== undefined) {
      this.#quiet.refresh();
      return;
    }
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined;
      this.#write(masker.flush());
    }, quietMs);
  }

  #write(bytes: Buffer): void {
    if (bytes.length > 0 && this.#to.writable) this.#to.write(this.#shown(bytes));
  }

  #shown(bytes: Buffer): Buffer {
    if (bytes.length > 0) this.#evidence.push(this.#stream, bytes);
    return bytes;
  }
}
