// File transfers that are inspected: the requests of SFTP are judged one by one before the target acts on them, the names
// in the stream of scp are held to the tree that its command line was judged for.

import { once } from 'node:events';

import type { FileFacts, FileVerdict, ScpEffect, SftpEffect } from '../files/index.ts';
import { ScpInspector, SftpInspector } from '../files/index.ts';
import type { Channel, ChannelRequest } from '../guard/index.ts';
import type { Refusal } from '../refusal.ts';
import { refusalLines, refusalPhrase } from '../refusal.ts';
import { fileStatement } from '../statement.ts';
import type { Asking } from './connected.ts';
import { openOnTarget } from './open-on-target.ts';
import { howItEnded, Outcome } from './outcome.ts';
import type { Prepared } from './prepared.ts';
import { maskReachOf } from './ruling.ts';

type Effect = SftpEffect | ScpEffect;

/** Refusals on one channel that are explained. */
const explanationsMax = 20;

/** What both inspectors have in common. */
interface Inspector {
  readonly wantsClient: boolean;
  readonly wantsTarget: boolean;
  /** Nothing of what the client sent is left to be passed on. */
  readonly clientIdle: boolean;
  readonly fromClient: (chunk: Buffer) => readonly Effect[];
  readonly fromTarget: (chunk: Buffer) => readonly Effect[];
  readonly end: () => readonly Effect[];
}

/** @throws UpstreamError when the target has no such subsystem. */
export async function relaySftp(asking: Asking, prepared: Prepared): Promise<Refusal | undefined> {
  const start = { kind: 'subsystem', name: 'sftp' } as const;
  const target = await openOnTarget(asking, prepared, start);
  const sftp = new SftpInspector();
  const relay = new FileRelay({
    ...{ asking, caller: prepared.caller, target },
    inspector: {
      get wantsClient() {
        return sftp.wantsClient;
      },
      wantsTarget: true,
      get clientIdle() {
        return sftp.clientIdle;
      },
      fromClient: (chunk) => sftp.fromClient(chunk),
      fromTarget: (chunk) => sftp.fromTarget(chunk),
      end: () => sftp.end(),
    },
    judged: (verdict) => sftp.decide(verdict),
  });
  await relay.run();
  return undefined;
}

export interface ScpTransfer {
  readonly start: Extract<ChannelRequest, { readonly kind: 'exec' }>;
  readonly direction: 'upload' | 'download';
  readonly recursive: boolean;
  readonly facts: readonly FileFacts[];
}

/** A command line that was judged. @throws UpstreamError when the target does not start it. */
export async function relayScp(
  asking: Asking,
  prepared: Prepared,
  { start, direction, recursive, facts }: ScpTransfer,
): Promise<undefined> {
  const target = await openOnTarget(asking, prepared, start);
  const path = facts.map((each) => each.path).join(' ');
  const scp = new ScpInspector({ direction, path, recursive });
  const relay = new FileRelay({
    ...{ asking, caller: prepared.caller, target },
    inspector: {
      get wantsClient() {
        return scp.wantsClient;
      },
      get wantsTarget() {
        return scp.wantsTarget;
      },
      get clientIdle() {
        return scp.clientIdle;
      },
      fromClient: (chunk) => scp.fromClient(chunk),
      fromTarget: (chunk) => scp.fromTarget(chunk),
      end: () => scp.end(),
    },
    judged: () => [],
  });
  await relay.run();
}

interface FileRelayOptions {
  readonly asking: Asking;
  readonly caller: Channel;
  readonly target: Channel;
  readonly inspector: Inspector;
  readonly judged: (verdict: FileVerdict) => readonly Effect[];
}

class FileRelay {
  readonly #options: FileRelayOptions;
  readonly #outcome: Outcome;
  #callerEnded = false;
  #targetGone = false;
  #explained = 0;

  constructor(options: FileRelayOptions) {
    this.#options = options;
    this.#outcome = new Outcome(options.asking);
  }

  async run(): Promise<void> {
    const { asking, caller, target, inspector } = this.#options;
    const cut = (): void => {
      this.#cut();
    };
    asking.gone.addEventListener('abort', cut);
    if (asking.gone.aborted) cut();
    caller.input.on('data', (chunk: Buffer) => {
      this.#carryOut(inspector.fromClient(chunk));
    });
    caller.input.on('end', () => {
      this.#callerEnded = true;
      this.#settle();
    });
    target.input.on('data', (chunk: Buffer) => {
      this.#carryOut(inspector.fromTarget(chunk));
    });
    for (const to of [caller.output, target.output]) {
      to.on('drain', () => {
        this.#settle();
      });
    }
    target.inputError.pipe(caller.outputError);
    const { input } = target;
    await target.gone;
    this.#targetGone = true;
    this.#settle();
    if (!input.readableEnded && !input.destroyed) await once(input, 'close');
    asking.gone.removeEventListener('abort', cut);
    this.#carryOut(inspector.end());
    this.#outcome.note(howItEnded(target.exit));
    caller.finish(target.exit);
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect);
    this.#settle();
  }

  #do(effect: Effect): void {
    const { asking, caller, target } = this.#options;
    const { connected, channel } = asking;
    switch (effect.kind) {
      case 'to-client':
        if (caller.output.writable) caller.output.write(effect.bytes);
        return;
      case 'to-target':
        if (target.output.writable) target.output.write(effect.bytes);
        return;
      case 'judge':
        void this.#judge(effect.facts);
        return;
      case 'transferred': {
        const { kind, ...transfer } = effect;
        connected.session.note({ type: kind, channel, ...transfer });
        return;
      }
      case 'refused': {
        const refusal = { code: 'statement-unsupported', message: effect.rule } as const;
        connected.gate.refuseUnjudged(`sftp ${effect.request}`, refusal, asking);
        return;
      }
      case 'cut': {
        const refusal = { code: 'statement-unsupported', message: effect.rule } as const;
        connected.gate.refuseUnjudged('transfer', refusal, asking);
        this.#cut();
      }
    }
  }

  /** Never rejects. */
  async #judge(facts: FileFacts): Promise<void> {
    const { asking, judged } = this.#options;
    const statements = [fileStatement(asking.asker, facts)];
    const passage = await asking.connected.gate.pass(
      { statements, masks: maskReachOf([facts]) },
      asking,
    );
    if (passage.kind === 'refused') this.#explain(passage.refusal);
    this.#carryOut(
      judged(
        passage.kind === 'permitted'
          ? { kind: 'allow' }
          : { kind: 'deny', message: refusalPhrase(passage.refusal) },
      ),
    );
  }

  /** OpenSSH's sftp shows no message of an answer, but standard error; some clients never read that. */
  #explain(refusal: Refusal): void {
    if (this.#explained === explanationsMax) return;
    this.#explained += 1;
    this.#options.asking.tell(refusalLines(refusal));
  }

  /** Each side is read while its inspector and the other side take more; the caller's end is passed on last. */
  #settle(): void {
    const { caller, target, inspector } = this.#options;
    flow(caller.input, inspector.wantsClient && !target.output.writableNeedDrain);
    // One side waits for the other's answer no longer than that side can give it: else neither would hear of the end.
    const isAwaited = inspector.wantsTarget || this.#callerEnded || this.#targetGone;
    flow(target.input, isAwaited && !caller.output.writableNeedDrain);
    if (this.#callerEnded && inspector.clientIdle && !target.output.writableEnded) {
      target.output.end();
    }
  }

  #cut(): void {
    this.#outcome.note(howItEnded(this.#options.target.exit));
    this.#options.target.abort();
    this.#options.caller.abort();
  }
}

function flow(input: Channel['input'], wanted: boolean): void {
  if (wanted === !input.isPaused()) return;
  if (wanted) input.resume();
  else input.pause();
}
