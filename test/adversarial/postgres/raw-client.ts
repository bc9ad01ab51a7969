// A PostgreSQL client without manners: it sends any bytes and keeps every byte that it is sent.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

import type { ReportField } from '../../../hosts/postgres/wire/index.ts';
import {
  FrameReader,
  backend,
  columnTable,
  decodeDataRow,
  decodeFunctionCallResponse,
  decodeServerReport,
  encodeBind,
  encodeBodyless,
  encodeDescribe,
  encodeExecute,
  encodeFunctionCall,
  encodeParse,
  encodePassword,
  encodeQuery,
  encodeStartup,
  frontend,
} from '../../../hosts/postgres/wire/index.ts';

export interface Message {
  readonly type: number;
  readonly frame: Buffer;
}

export interface RawClientOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly startup?: readonly (readonly [string, string])[];
}

const patienceMs = 20_000;
const keptBytesMax = 64 * 1024 * 1024;

/** Opened with `RawClient.login`; everything received stays in `bytes`. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  readonly #reader = new FrameReader({ direction: 'backend', bytesMax: () => 0x7fff_ffff });
  readonly #messages: Message[] = [];
  #chunks: Buffer[] = [];
  #kept = 0;
  #taken = 0;
  #changed = Promise.withResolvers<undefined>();
  /** Process id and secret as the gateway gave them. */
  key: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#wake());
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  static async login(options: RawClientOptions): Promise<RawClient> {
    const client = await RawClient.open(options.port);
    const { user, database, startup = [] } = options;
    client.send(encodeStartup([['user', user], ['database', database], ...startup]));
    await client.until(({ type }) => type === backend.authentication);
    client.send(encodePassword(options.password));
    const greeting = await client.ready();
    client.key = greeting.find(({ type }) => type === backend.backendKeyData)?.frame ?? client.key;
    return client;
  }

  #take(chunk: Buffer): void {
    if (this.#kept < keptBytesMax) this.#chunks.push(chunk);
    this.#kept += chunk.length;
    this.#reader.push(Buffer.from(chunk));
    try {
      while (this.#reader.next()) {
        const { type, buffer, start, end } = this.#reader;
        this.#messages.push({ type, frame: buffer.subarray(start, end) });
      }
    } catch {
      // The first bytes of an answer to no login are no messages; `bytes` has them.
    }
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve(undefined);
    this.#changed = Promise.withResolvers<undefined>();
  }

  get bytes(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  /** Every message so far. */
  get all(): readonly Message[] {
    return this.#messages;
  }

  /** What was received so far no longer counts. */
  forget(): void {
    this.#chunks = [];
  }

  get closed(): boolean {
    return this.socket.closed || this.socket.readableEnded;
  }

  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  query(sql: string): void {
    this.send(encodeQuery(sql));
  }

  /** All messages up to the one that fits; up to the end if the connection closes first. */
  async until(fits: (message: Message) => boolean): Promise<readonly Message[]> {
    const deadline = Date.now() + patienceMs;
    const from = this.#taken;
    for (let at = from; ; at += 1) {
      while (at >= this.#messages.length) {
        if (this.closed) {
          this.#taken = at;
          return this.#messages.slice(from);
        }
        await this.#change(deadline);
      }
      const message = this.#messages[at];
      if (message === undefined || !fits(message)) continue;
      this.#taken = at + 1;
      return this.#messages.slice(from, at + 1);
    }
  }

  async #change(deadline: number): Promise<void> {
    const { promise, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(
      () => reject(new Error('the gateway said nothing more')),
      Math.max(0, deadline - Date.now()),
    );
    try {
      await Promise.race([this.#changed.promise, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Everything up to and with the next `count` ReadyForQuery. */
  async ready(count = 1): Promise<readonly Message[]> {
    let left = count;
    return this.until(({ type }) => type === backend.readyForQuery && (left -= 1) === 0);
  }

  /** Resolves when the gateway has closed the connection. */
  async ended(): Promise<readonly Message[]> {
    return this.until(() => false);
  }

  /** A simple query and its whole answer. */
  async ask(sql: string): Promise<Answer> {
    this.query(sql);
    return answerOf(await this.ready());
  }

  /** Parse, Bind, Execute, Sync without a Describe. */
  async execute(sql: string, options: { readonly binary?: boolean } = {}): Promise<Answer> {
    this.send(...extended(sql, options), sync);
    return answerOf(await this.ready());
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export const sync = encodeBodyless(frontend.sync);
export const flush = encodeBodyless(frontend.flush);
export const terminate = encodeBodyless(frontend.terminate);

export const parse = (name: string, text: string): Buffer => encodeParse({ name, text });

export const bind = (portal: string, statement: string, binary = false): Buffer =>
  encodeBind({
    ...{ portal, statement, parameterFormats: [], parameters: [] },
    resultFormats: [binary ? 1 : 0],
  });

export const execute = (portal: string, rowsMax = 0): Buffer => encodeExecute({ portal, rowsMax });

/** Arguments and result as text. */
export const call = (functionOid: number, ...values: readonly (string | null)[]): Buffer =>
  encodeFunctionCall({
    ...{ functionOid, parameterFormats: [], resultFormat: 0 },
    parameters: values.map((value) => (value === null ? null : Buffer.from(value))),
  });

export const describePortal = (name: string): Buffer => encodeDescribe({ kind: 'portal', name });
export const describeStatement = (name: string): Buffer =>
  encodeDescribe({ kind: 'statement', name });

export const extended = (
  sql: string,
  { binary = false }: { readonly binary?: boolean } = {},
): readonly Buffer[] => [parse('', sql), bind('', '', binary), execute('')];

export interface Answer {
  /** Text of each value; null is SQL NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  /** SQLSTATEs. */
  readonly errors: readonly string[];
  readonly messages: readonly Message[];
  /** `idle`, `transaction`, `failed`, by the last ReadyForQuery. */
  readonly status: string;
}

export function answerOf(messages: readonly Message[]): Answer {
  const rows = messages
    .filter(({ type }) => type === backend.dataRow)
    .map(({ frame }) => row(frame));
  const errors = messages
    .filter(({ type }) => type === backend.errorResponse)
    .map(({ frame }) => fieldOf(frame, 'C'));
  const last = messages.findLast(({ type }) => type === backend.readyForQuery);
  const status = { I: 'idle', T: 'transaction', E: 'failed' }[
    last?.frame.toString('latin1', 5) ?? ''
  ];
  return { rows, errors, messages, status: status ?? 'closed' };
}

/** What FunctionCalls returned, as text. */
export const valuesOf = (messages: readonly Message[]): readonly (string | null)[] =>
  messages
    .filter(({ type }) => type === backend.functionCallResponse)
    .map(({ frame }) => decodeFunctionCallResponse(frame)?.toString() ?? null);

/** One field of an error or notice. */
export function fieldOf(frame: Buffer, letter: string): string {
  const found = decodeServerReport(frame).fields.find(
    (field: ReportField) => field.letter === letter,
  );
  return found?.value ?? '';
}

function row(frame: Buffer): readonly (string | null)[] {
  const table = columnTable();
  const columns = decodeDataRow({ buffer: frame, start: 0, end: frame.length }, table);
  return Array.from({ length: columns }, (_, column) => {
    const offset = table[2 * column] ?? 0;
    const length = table[2 * column + 1] ?? -1;
    return length < 0 ? null : frame.toString('utf8', offset, offset + length);
  });
}
