// What `eval` is asked, from options to a session and a time: who, where, when, what.

import { readFileSync } from 'node:fs';

import type {
  Config,
  HttpTargetConfig,
  Json,
  JsonObject,
  Principal,
  Session,
  SshTargetConfig,
  Statement,
  TargetConfig,
} from '#engine';
import { ConfigError, inputDocument, sessionId } from '#engine';
import { validatorOf } from '#engine/config';
import { readTokens } from '#engine/identity';
import { commaSeparated } from '../command.ts';
import { UsageError } from '../failure.ts';
import type { AskedRequest } from './request.ts';
import { requestOf } from './request.ts';
import httpSchema from '../../schemas/http.json' with { type: 'json' };
import postgresSchema from '../../schemas/postgres.json' with { type: 'json' };
import sshSchema from '../../schemas/ssh.json' with { type: 'json' };

export interface EvalOptions {
  readonly config: string;
  readonly target: string | undefined;
  readonly as: string | undefined;
  readonly groups: string | undefined;
  readonly kind: string;
  readonly database: string | undefined;
  /** The account on an SSH target. */
  readonly user: string | undefined;
  readonly time: string | undefined;
  /** SQL; for an HTTP target a path or URL, for an SSH target a command. */
  readonly statement: string | undefined;
  readonly request: string;
  readonly header: readonly string[];
  readonly data: string | undefined;
  readonly file: string | undefined;
  readonly input: string | undefined;
  readonly 'cross-check': boolean;
  readonly json: boolean;
}

export type Question =
  | {
      readonly kind: 'sql';
      readonly session: Session;
      readonly now: number;
      readonly text: string;
    }
  | {
      readonly kind: 'http';
      readonly session: Session;
      readonly now: number;
      readonly target: HttpTargetConfig;
      readonly request: AskedRequest;
    }
  | {
      readonly kind: 'ssh';
      readonly session: Session;
      readonly now: number;
      /** The account on the target. */
      readonly user: string;
      readonly text: string;
    }
  | {
      readonly kind: 'input';
      readonly session: Session;
      readonly now: number;
      readonly statement: Statement;
    };

/** @throws UsageError or ConfigError when the options do not make one question. */
export function questionOf(options: EvalOptions, config: Config): Question {
  const { statement, file, input } = options;
  const given = [statement, file, input].filter((each) => each !== undefined);
  if (given.length !== 1) throw new UsageError('give one of a statement, --file or --input');
  if (input !== undefined) return questionOfInput(input);
  const now = timeOf(options.time);
  const target = targetOf(options, config);
  const session = sessionOf(options, { config, target, now });
  if (target.kind === 'postgres') {
    return { kind: 'sql', session, now, text: statement ?? readText(file ?? '') };
  }
  if (target.kind === 'ssh') {
    const text = statement ?? readText(file ?? '');
    return { kind: 'ssh', session, now, user: accountOf(options, target), text };
  }
  return { kind: 'http', session, now, target, request: requestOf(options, target) };
}

function timeOf(time: string | undefined): number {
  const now = time === undefined ? Date.now() : Date.parse(time);
  if (Number.isNaN(now))
    throw new UsageError(`--time '${time ?? ''}' is not like 2030-01-31T18:00Z`);
  return now;
}

function targetOf(options: EvalOptions, config: Config): TargetConfig {
  const names = Array.from(config.targets.keys());
  const name = options.target ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) throw new UsageError(`say which --target: ${names.join(', ')}`);
  const target = config.targets.get(name);
  if (target === undefined) {
    throw new UsageError(`there is no target '${name}', only ${names.join(', ')}`);
  }
  return target;
}

function accountOf({ user }: EvalOptions, { name, credential }: SshTargetConfig): string {
  const { users } = credential;
  if (user === undefined || users.includes(user)) return user ?? users[0];
  throw new UsageError(`target ${name} has no account '${user}', only ${users.join(', ')}`);
}

interface Asked {
  readonly config: Config;
  readonly target: TargetConfig;
  readonly now: number;
}

function sessionOf(options: EvalOptions, { config, target, now }: Asked): Session {
  const { name, labels } = target;
  const database =
    target.kind === 'postgres' ? { database: options.database ?? target.database } : {};
  return {
    id: sessionId('eval'),
    host: target.kind,
    principal: principalOf(options, config),
    target: { name, labels, ...database },
    client: '127.0.0.1',
    clientPort: 0,
    application: 'sallyport eval',
    startedAt: now,
  };
}

function principalOf({ as: id, groups, kind }: EvalOptions, config: Config): Principal {
  if ((id === undefined) === (groups === undefined)) {
    throw new UsageError('say who asks: --as ID of tokens.yaml, or --groups');
  }
  if (groups !== undefined) {
    return {
      id: 'eval',
      kind: kind === 'workload' ? kind : 'human',
      groups: commaSeparated(groups),
    };
  }
  const principals = Array.from(
    readTokens(config.identity.tokens).values(),
    ({ principal }) => principal,
  );
  const found = principals.find((principal) => principal.id === id);
  if (found !== undefined) return found;
  const known = Array.from(new Set(principals.map((principal) => principal.id)));
  throw new UsageError(`tokens.yaml names no '${id ?? ''}', only ${known.join(', ')}`);
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
}

interface InputFile {
  readonly principal: Principal;
  readonly session: {
    readonly id: string;
    readonly client: string;
    readonly application: string;
    readonly started_at: number;
  };
  readonly target: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly database: string;
  };
  readonly time: { readonly epoch_ms: number } & JsonObject;
  readonly statement: JsonObject;
}

const validators = {
  postgres: validatorOf(postgresSchema),
  http: validatorOf(httpSchema),
  ssh: validatorOf(sshSchema),
} as const;

/** An input document as policies see it, for example from a decision log; its nonce may be missing. */
function questionOfInput(file: string): Question {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readText(file));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError('config-invalid', `${file}: is not JSON`, { cause });
  }
  const document =
    typeof parsed === 'object' && parsed !== null ? { nonce: '', ...parsed } : parsed;
  const host = kindOf(document);
  validators[host](document, file);
  const { principal, session, target, time, statement } = document as InputFile;
  const question = {
    kind: 'input',
    now: time.epoch_ms,
    session: {
      id: sessionId(session.id),
      host,
      principal,
      target,
      client: session.client,
      clientPort: 0,
      application: session.application,
      startedAt: session.started_at,
    },
    statement: { kind: host, facts: statement, text: textOf(statement['command']) },
  } as const;
  const real = inputDocument(question.statement, question.session, question.now)['time'];
  if (canonical(real) !== canonical(time)) {
    const message = `${file}: time: is ${canonical(real)} at this epoch_ms`;
    throw new ConfigError('config-invalid', message);
  }
  return question;
}

/** What is none of them is told so by the schema of the first. */
function kindOf(document: unknown): keyof typeof validators {
  if (typeof document !== 'object' || document === null || !('kind' in document)) return 'postgres';
  const { kind } = document;
  return kind === 'http' || kind === 'ssh' ? kind : 'postgres';
}

const textOf = (value: Json | undefined) => (typeof value === 'string' ? value : '');

const canonical = (value: Json | undefined) =>
  JSON.stringify(value, Object.keys((value ?? {}) as object).sort());
