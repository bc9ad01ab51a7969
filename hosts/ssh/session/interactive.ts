// A shell request: which kind of shell the policy lets the caller have, and what of it is judged, masked and recorded.

import { once } from 'node:events';
import type { Writable } from 'node:stream';

import type { ChannelExit } from '../guard/index.ts';
import type { EndedLine, GuardedLine, LineVerdict, LineWatch } from '../interactive/index.ts';
import { GuardedShell, RecordedPty, stateChanges, stateRules } from '../interactive/index.ts';
import type { OutputEvidence } from '../output/index.ts';
import type { Refusal } from '../refusal.ts';
import { refusalLines } from '../refusal.ts';
import type { CommandFacts } from '../shell/index.ts';
import { readCommand } from '../shell/index.ts';
import type { InteractiveMode } from '../statement.ts';
import { commandStatement, shellStatement } from '../statement.ts';
import { evidenceOf } from './command.ts';
import type { Asking } from './connected.ts';
import { openOnTarget } from './open-on-target.ts';
import { howItEnded, Outcome } from './outcome.ts';
import type { Prepared, PtyRequest } from './prepared.ts';
import { screenOf } from './screen.ts';
import { ShellMasks } from './shell-masks.ts';
import { ShownOutput } from './shown-output.ts';

/** @throws UpstreamError when the target refuses. */
export async function runInteractive(
  asking: Asking,
  prepared: Prepared,
): Promise<Refusal | undefined> {
  const { pty } = prepared;
  if (pty === undefined) {
    asking.connected.gate.refuseUnjudged('interactive shell', withoutTerminal, asking);
    return withoutTerminal;
  }
  const mode = prepared.mode ?? modeFor(asking);
  const statements = [shellStatement(asking.asker, mode)];
  const masks = mode === 'recorded' ? 'none' : 'nothing-shown';
  const passage = await asking.connected.gate.pass({ statements, masks }, asking);
  if (passage.kind === 'refused') return passage.refusal;
  const session = new Interactive(asking, prepared, pty);
  if (mode === 'guarded') return session.guarded();
  await session.recorded();
  return undefined;
}

const withoutTerminal: Refusal = {
  code: 'statement-unsupported',
  message: 'a shell needs a terminal',
  hint: 'connect without -T, or give the command: ssh TARGET@GATEWAY COMMAND',
};

/** The kind that judges more, where both are to be had alike. */
function modeFor({ connected, asker }: Asking): InteractiveMode {
  const { services, session } = connected;
  const verdictOf = (mode: InteractiveMode) =>
    services.engine.decide(shellStatement(asker, mode), session.session).verdict;
  const guarded = verdictOf('guarded');
  if (guarded === 'allow') return 'guarded';
  const recorded = verdictOf('recorded');
  if (recorded === 'allow' || (recorded === 'hold' && guarded === 'deny')) return 'recorded';
  return 'guarded';
}

class Interactive {
  readonly #asking: Asking;
  readonly #prepared: Prepared;
  readonly #pty: PtyRequest;
  readonly #evidence: OutputEvidence;
  readonly #shown: ShownOutput;
  readonly #masks = new ShellMasks();
  readonly #screen: Writable;
  readonly #outcome: Outcome;

  constructor(asking: Asking, prepared: Prepared, pty: PtyRequest) {
    const { caller } = prepared;
    const { limits } = asking.connected.services;
    this.#asking = asking;
    this.#outcome = new Outcome(asking);
    this.#prepared = prepared;
    this.#pty = pty;
    const bytesMax = limits.terminalEvidenceBytesMax;
    // It ends before there is a rest.
    this.#evidence = evidenceOf(asking, { bytesMax, hashesRest: false });
    this.#evidence.window(pty.columns, pty.rows);
    this.#shown = new ShownOutput({
      ...{ asking, evidence: this.#evidence, masks: undefined },
      ...{ stream: 'stdout', to: caller.output },
    });
    this.#screen = screenOf(caller, this.#shown);
    asking.gone.addEventListener('abort', () => {
      this.#noteOutcome(undefined);
      caller.abort();
    });
  }

  async guarded(): Promise<Refusal | undefined> {
    const { caller, env, follow } = this.#prepared;
    const { session } = this.#asking.connected;
    const shell = new GuardedShell({
      client: { input: caller.input, output: this.#screen },
      open: (command, on) => {
        const pty = on === 'pipes' ? undefined : this.#pty;
        const start = { kind: 'exec', command: Buffer.from(command) } as const;
        return openOnTarget(this.#asking, { pty, env }, start);
      },
      size: this.#pty,
      gone: this.#asking.gone,
      label: `${session.user}@${session.session.target.name}`,
      judge: (line, watch) => this.#judge(line, watch),
      onOutput: () => {
        this.#requireRoom();
      },
      onEnded: (_line, ended) => {
        this.#lineEnded(ended);
      },
    });
    follow({
      tell: (request) => {
        if (request.kind !== 'window-change') return;
        this.#evidence.window(request.columns, request.rows);
        shell.resize(request);
      },
    });
    const end = await shell.run();
    if (end.kind === 'refused') {
      return { code: 'statement-unsupported', message: end.message };
    }
    await this.#finish(end.exit);
    return undefined;
  }

  async recorded(): Promise<void> {
    const { caller, env, follow } = this.#prepared;
    const { connected, channel } = this.#asking;
    const target = await openOnTarget(this.#asking, { pty: this.#pty, env }, { kind: 'shell' });
    const terminal = new RecordedPty({
      client: { input: caller.input, output: this.#screen },
      pty: target,
      gone: this.#asking.gone,
      onOutput: () => {
        this.#requireRoom();
      },
      onResize: ({ columns, rows }) => {
        this.#evidence.window(columns, rows);
      },
      onHint: ({ text, isVerified: verified }) => {
        connected.session.note({ type: 'hint', channel, text, verified });
      },
    });
    follow({
      tell: (request) => {
        if (request.kind === 'window-change') terminal.resize(request);
        else target.tell(request);
      },
    });
    await this.#finish(await terminal.run());
  }

  /** What the line's own text can do is judged; what would change how later ones are read is refused before. */
  async #judge(line: GuardedLine, { say, signal }: LineWatch): Promise<LineVerdict> {
    const { connected, asker } = this.#asking;
    const { gate } = connected;
    const gone = AbortSignal.any([signal, this.#asking.gone]);
    const waiting = { ...this.#asking, tell: say, gone };
    const read = readLine(line);
    if (read.kind === 'refused') {
      gate.refuseUnjudged(line.text, read.refusal, waiting);
      return { kind: 'refuse', message: refusalLines(read.refusal) };
    }
    const statement = commandStatement('LINE', asker, { facts: read.facts, text: line.text });
    const passage = await gate.pass({ statements: [statement], masks: 'output' }, waiting);
    if (passage.kind === 'refused') {
      return { kind: 'refuse', message: refusalLines(passage.refusal) };
    }
    const masks = this.#masks.add(passage.masks);
    if (masks !== undefined) this.#shown.mask(masks);
    return { kind: 'run' };
  }

  #lineEnded({ status }: EndedLine): void {
    const exit = { kind: 'exit-status', status } as const;
    const { channel, connected } = this.#asking;
    connected.session.note({ type: 'outcome', channel, ...howItEnded(exit) });
  }

  /** What is shown and not recorded nobody could answer for. */
  #requireRoom(): void {
    if (!this.#evidence.isCut) return;
    this.#asking.connected.fail(new Error('the session has shown more than is recorded of one'));
  }

  async #finish(exit: ChannelExit | undefined): Promise<void> {
    const { caller } = this.#prepared;
    this.#screen.end();
    if (!this.#screen.closed) await once(this.#screen, 'close');
    this.#shown.end();
    this.#noteOutcome(exit);
    caller.finish(exit);
  }

  #noteOutcome(exit: ChannelExit | undefined): void {
    this.#outcome.note(howItEnded(exit), () => ({ output: this.#evidence.end() }));
  }
}

type ReadLine =
  | { readonly kind: 'read'; readonly facts: CommandFacts }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function readLine({ text, directory }: GuardedLine): ReadLine {
  const read = readCommand(text, directory ?? '');
  if (read.kind === 'refused') {
    return { kind: 'refused', refusal: { code: 'statement-ambiguous', message: read.message } };
  }
  const [broken] = stateChanges(text, read.facts, directory);
  if (broken === undefined) return read;
  const refusal = {
    code: 'statement-unsupported',
    message: stateRules[broken],
    hint: `rule ${broken}`,
  } as const;
  return { kind: 'refused', refusal };
}
