// The engine as one thing: decide, hold, mask, record. Hosts get this and nothing else of the inside.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ApprovalDesk } from './approval/index.ts';
import type { Config } from './config/index.ts';
import { Authenticator } from './identity/index.ts';
import type { OperatorLog } from './log.ts';
import { errorFields } from './log.ts';
import type { ByteRange, ByteSink } from './masking/index.ts';
import { maskInto, maskText } from './masking/index.ts';
import type { Decision, Limits, MaskStrategy, Session, Statement } from './model/index.ts';
import { ConfigError, approvalId, decisionId } from './model/index.ts';
import type { Diagnostic, LoadOutcome } from './policy/index.ts';
import { Compiler, PolicyEngine, PolicyWatcher, readBundle } from './policy/index.ts';
import { SessionRecorder, fileSink, sessionStart } from './recording/index.ts';
import { version } from './version.ts';

const maskKeyBytes = 32;

export interface PolicyStatus {
  readonly revision: string;
  readonly packages: readonly string[];
  readonly loadedAt: number;
  /** Why the newest bundle on disk is not in force; empty when it is. */
  readonly rejected: readonly Diagnostic[];
}

export class Engine {
  readonly limits: Limits;
  readonly desk: ApprovalDesk;
  readonly authenticator: Authenticator;
  readonly #config: Config;
  readonly #log: OperatorLog;
  readonly #now: () => number;
  readonly #compiler: Compiler;
  readonly #policies: PolicyEngine;
  readonly #maskKey: Buffer;
  #watcher: PolicyWatcher | undefined;
  #rejected: readonly Diagnostic[] = [];

  private constructor(config: Config, log: OperatorLog) {
    mkdirSync(config.state, { recursive: true, mode: 0o700 });
    const now = Date.now;
    this.limits = config.limits;
    this.#config = config;
    this.#log = log;
    this.#now = now;
    this.authenticator = new Authenticator(config.identity, now);
    this.#compiler = new Compiler({ cacheDirectory: join(config.state, 'compiled') });
    this.#policies = new PolicyEngine({
      compiler: this.#compiler,
      limits: config.limits,
      now,
      nextDecisionId: sequence('d', decisionId),
    });
    this.desk = new ApprovalDesk({ now, nextId: sequence('a', approvalId) });
    this.#maskKey = readOrCreateKey(join(config.state, 'mask.key'));
  }

  /**
   * Reads tokens and policies and follows their changes. A bundle that is wrong at start is no error:
   * until a good one is there, everything is denied with `no-policy`.
   *
   * @throws ConfigError when the tokens file is missing or wrong.
   */
  static async start(config: Config, log: OperatorLog): Promise<Engine> {
    const engine = new Engine(config, log);
    await engine.reloadPolicies();
    engine.#watcher = new PolicyWatcher(config.policies, () => engine.reloadPolicies());
    await engine.#watcher.ready();
    engine.authenticator.watch();
    engine.authenticator.events.on('rejected', (error) => {
      log('tokens-rejected', errorFields(error));
    });
    engine.authenticator.events.on('issuerFailed', (error) => {
      log('issuer-failed', errorFields(error));
    });
    return engine;
  }

  /** Never rejects: a bundle that cannot be read or loaded leaves the generation in force. */
  async reloadPolicies(): Promise<void> {
    try {
      this.#take(await this.#policies.load(await readBundle(this.#config.policies)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#take({
        kind: 'rejected',
        diagnostics: [{ code: 'policy-load', message, file: '', line: 0, column: 0 }],
      });
    }
  }

  #take(outcome: LoadOutcome): void {
    switch (outcome.kind) {
      case 'loaded':
        this.#rejected = [];
        this.#log('policy-loaded', { revision: outcome.revision, packages: outcome.packages });
        return;
      case 'unchanged':
        this.#rejected = [];
        return;
      case 'rejected':
        this.#rejected = outcome.diagnostics;
        for (const { code, message, file, line } of outcome.diagnostics) {
          this.#log('policy-rejected', { code, message, file, line });
        }
        return;
    }
  }

  /** Judges one statement. Never throws. */
  decide(statement: Statement, session: Session): Decision {
    return this.#policies.decide(statement, session);
  }

  /**
   * Whether a rule in force can read this fact of statements of this kind: what no rule reads need not be found out.
   * Without policies nothing is read, because everything is denied.
   */
  readsFact(kind: string, name: string): boolean {
    return this.#policies.generation?.readsFact(kind, name) ?? false;
  }

  /** The names of members, at any depth below a fact such as `['body', 'json']`, that rules in force read by name. */
  namesRead(kind: string, path: readonly string[]): ReadonlySet<string> {
    return this.#policies.generation?.namesBelow(kind, path) ?? new Set();
  }

  /** Changes with every generation: what was decided under another one must be decided again. */
  get revision(): string {
    return this.#policies.generation?.revision ?? '';
  }

  get policyStatus(): PolicyStatus {
    const generation = this.#policies.generation;
    return {
      revision: generation?.revision ?? '',
      packages: generation?.packages ?? [],
      loadedAt: generation?.loadedAt ?? 0,
      rejected: this.#rejected,
    };
  }

  /**
   * Starts the recording of a session with its first entry.
   *
   * @throws what the file system throws; a session that cannot be recorded must not begin.
   */
  openRecording(session: Session): SessionRecorder {
    const sink = fileSink(join(this.#config.state, 'recordings'), session);
    const recorder = new SessionRecorder(sink, this.#now);
    try {
      recorder.write(sessionStart(session, version));
    } catch (error) {
      sink.discard();
      throw error;
    }
    return recorder;
  }

  /** The masked form of one UTF-8 text value; `null` is SQL NULL, JSON null. */
  mask(value: Buffer, strategy: MaskStrategy): Buffer | null {
    return maskText(value, strategy, this.#maskKey);
  }

  /** As `mask`, for one of very many values: its masked form goes to `sink`. False for NULL, then nothing does. */
  maskInto(value: ByteRange, strategy: MaskStrategy, sink: ByteSink): boolean {
    return maskInto(value, strategy, this.#maskKey, sink);
  }

  async close(): Promise<void> {
    await this.#watcher?.close();
    await this.authenticator.close();
    await this.#compiler.close();
  }
}

/** Ids that differ between processes and are short enough to read out: a prefix and a counter. */
function sequence<Id>(kind: string, brand: (text: string) => Id): () => Id {
  const prefix = `${kind}-${randomBytes(4).toString('hex')}`;
  let count = 0;
  return () => brand(`${prefix}-${(count += 1).toString(36)}`);
}

/** The key stays the same over restarts, so that hashes of equal values stay equal. */
function readOrCreateKey(file: string): Buffer {
  try {
    writeFileSync(file, randomBytes(maskKeyBytes), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = readFileSync(file);
  if (key.length === maskKeyBytes) return key;
  throw new ConfigError('secret-unreadable', `${file} does not hold ${maskKeyBytes} bytes`);
}
