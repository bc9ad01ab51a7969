// A channel of type session (RFC 4254 §6): what is asked for before it starts, what it starts, and the words for a person.

import { errorFields, UpstreamError } from '#engine';

import type { AskedOnChannel, Channel } from '../guard/index.ts';
import type { Refusal } from '../refusal.ts';
import { brokenLines, brokenStatus, refusalLines, refusedStatus } from '../refusal.ts';
import type { InteractiveMode } from '../statement.ts';
import { agentStatement, envStatement } from '../statement.ts';
import { runCommandLine } from './command.ts';
import type { Asking, Connected } from './connected.ts';
import type { Counterpart } from './counterpart.ts';
import { relaySftp } from './file-relay.ts';
import { runInteractive } from './interactive.ts';
import type { EnvRequest, Follower, Prepared, PtyRequest } from './prepared.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const variablesMax = 64;
/** POSIX "Environment Variable Definition"; what else an environment can hold is for exploits. */
const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** term(7). The name becomes a variable, and no policy is asked about it. */
const termPattern = /^(?:[A-Za-z0-9][A-Za-z0-9+._-]{0,63})?$/;
/** Set by callers for the gateway itself: `ssh -o SetEnv=SALLYPORT_SHELL=recorded …`. It goes no further. */
const modeVariable = 'SALLYPORT_SHELL';
/** Without a reason of ours each end would make an error with its stack, which takes longer than a decision. */
const over = 'the channel is over';

export class SessionChannel {
  readonly #connected: Connected;
  readonly #caller: Channel;
  readonly #number: number;
  readonly #gone = new AbortController();
  readonly #counterpart: Counterpart;
  #pty: PtyRequest | undefined;
  readonly #env: EnvRequest[] = [];
  #mode: InteractiveMode | undefined;
  #started = false;
  /** What was asked before is settled in its order. */
  #settled: Promise<unknown> = Promise.resolve();
  #follower: Follower | undefined;

  constructor(connected: Connected, caller: Channel) {
    this.#connected = connected;
    this.#caller = caller;
    this.#number = connected.session.nextChannel();
    this.#counterpart = connected.counterparts.next();
    const { ending } = connected.session;
    const leave = (): void => {
      ending.removeEventListener('abort', leave);
      this.#gone.abort(over);
      void this.#counterpart.drop();
    };
    void caller.gone.then(leave);
    ending.addEventListener('abort', leave);
    if (ending.aborted) leave();
    caller.onRequest = (asked) => {
      this.#take(asked);
    };
  }

  #take({ request, reply }: AskedOnChannel): void {
    switch (request.kind) {
      case 'pty':
        reply(this.#takeTerminal(request));
        return;
      case 'env':
        if (this.#started) {
          reply(false);
          return;
        }
        this.#inOrder(async () => {
          reply(await this.#takeVariable(request));
        });
        return;
      case 'exec':
        this.#start(reply, (asking, prepared) => runCommandLine(asking, prepared, request.command));
        return;
      case 'shell':
        this.#start(reply, runInteractive);
        return;
      case 'subsystem':
        if (request.name === 'sftp') this.#start(reply, relaySftp);
        else reply(this.#refuseQuietly(`subsystem ${request.name}`));
        return;
      case 'window-change':
        if (this.#pty !== undefined) this.#pty = { ...this.#pty, ...request, kind: 'pty' };
        this.#follower?.tell(request);
        reply(this.#pty !== undefined);
        return;
      case 'signal':
        this.#follower?.tell(request);
        reply(this.#follower !== undefined);
        return;
      case 'agent':
        this.#inOrder(async () => {
          await this.#connected.gate.pass(
            { statements: [agentStatement(this.#asker)], masks: 'nothing-shown' },
            this.#asking,
          );
          reply(false);
        });
        return;
      case 'exit-status':
      case 'exit-signal':
      case 'x11':
      case 'eow':
      case 'break':
      case 'other':
        reply(false);
        return;
    }
  }

  #takeTerminal(request: PtyRequest): boolean {
    const isWanted = !this.#started && this.#pty === undefined && termPattern.test(request.term);
    if (!isWanted || !this.#connected.permits.has('pty')) return false;
    this.#pty = request;
    return true;
  }

  get #asker() {
    return { user: this.#connected.session.user, pty: this.#pty !== undefined };
  }

  get #asking(): Asking {
    return {
      connected: this.#connected,
      asker: this.#asker,
      channel: this.#number,
      counterpart: this.#counterpart,
      tell: (lines) => {
        this.#tell(lines);
      },
      gone: this.#gone.signal,
    };
  }

  async #takeVariable(request: EnvRequest): Promise<boolean> {
    if (this.#env.length >= variablesMax || !namePattern.test(request.name)) return false;
    let value: string;
    try {
      value = utf8.decode(request.value);
    } catch {
      return false;
    }
    // A target that reads it as a C string would read another than was judged; OpenSSH's ends the connection.
    if (value.includes('\0')) return false;
    if (request.name === modeVariable) {
      if (value === 'guarded' || value === 'recorded') this.#mode = value;
      return this.#mode === value;
    }
    const statements = [envStatement(this.#asker, request.name, value)];
    const passage = await this.#connected.gate.pass(
      { statements, masks: 'nothing-shown' },
      this.#asking,
    );
    if (passage.kind === 'permitted') this.#env.push(request);
    return passage.kind === 'permitted';
  }

  #refuseQuietly(text: string): false {
    const refusal = {
      code: 'statement-unsupported',
      message: `${text} is not supported`,
    } as const;
    this.#connected.gate.refuseUnjudged(text, refusal, { channel: this.#number });
    return false;
  }

  /** Says yes at once, whatever the policy will say: a late yes after the caller's end of file is lost on clients. */
  #start(
    reply: AskedOnChannel['reply'],
    run: (asking: Asking, prepared: Prepared) => Promise<Refusal | undefined>,
  ): void {
    reply(!this.#started);
    if (this.#started) return;
    this.#started = true;
    this.#inOrder(async () => {
      const refusal = await run(this.#asking, {
        caller: this.#caller,
        pty: this.#pty,
        env: this.#env,
        mode: this.#mode,
        follow: (follower) => {
          this.#follower = follower;
        },
      });
      // Before the caller can ask for the next: a target may allow few at a time.
      await this.#counterpart.drop();
      // Who opens one runs one command; who opens a second will open more.
      if (this.#number > 1) this.#connected.counterparts.replace();
      if (refusal === undefined) return;
      this.#tell(refusalLines(refusal));
      this.#caller.finish({ kind: 'exit-status', status: refusedStatus });
    });
  }

  #inOrder(act: () => Promise<void>): void {
    this.#settled = this.#settled.then(act).catch((error: unknown) => {
      this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    const { services, session } = this.#connected;
    const fields = { session: session.session.id, channel: this.#number, ...errorFields(error) };
    services.log('channel-failed', fields);
    const known = error instanceof UpstreamError;
    this.#tell(brokenLines(known ? error.message : 'the gateway failed; its log says why'));
    this.#caller.finish({ kind: 'exit-status', status: brokenStatus });
  }

  #tell(lines: string): void {
    const to = this.#caller.outputError;
    if (!to.writable) return;
    to.write(Buffer.from(this.#pty === undefined ? lines : lines.replaceAll('\n', '\r\n')));
  }
}
