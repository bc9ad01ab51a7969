// The gateway's own connection to a target, for its catalog: opened when it is needed, kept while it is in use.

import { UpstreamError } from '#engine';
import { ByteSource } from '#transport';

import { MessageStream } from '../message-stream.ts';
import type { CatalogRow, CatalogRows } from '../sql/index.ts';
import type { Upstream } from '../upstream.ts';
import {
  backend,
  columnTable,
  decodeDataRow,
  decodeServerReport,
  encodeBodyless,
  encodeQuery,
  frontend,
  reportField,
} from '../wire/index.ts';

const queriesMilliseconds = 20_000;
const messageBytesMax = 16 * 1024 * 1024;
/** A database that nobody asks about must not be kept from being dropped. */
const idleMilliseconds = 10_000;

type Socket = Upstream['socket'];

/** One conversation with the target. */
export interface CatalogAsker {
  /** The same object as long as the connection is the same. */
  readonly connection: object;
  /** Row sets of the queries, which are sent together and run in order. Throws UpstreamError. */
  ask(queries: readonly string[]): Promise<CatalogRows>;
  /** As `ask`, but each row is handed over as it comes, with the number of its query. */
  each(queries: readonly string[], take: (query: number, row: CatalogRow) => void): Promise<void>;
}

export interface CatalogConnectionOptions {
  readonly connect: () => Promise<Upstream>;
  /** What to ask before the connection is given up because nobody needed it for a while. */
  readonly beforeClosing: (asker: CatalogAsker) => Promise<void>;
}

export class CatalogConnection {
  readonly #options: CatalogConnectionOptions;
  #kept: Socket | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: CatalogConnectionOptions) {
    this.#options = options;
  }

  /**
   * Conversations run in order and never beside others. One that fails on a connection that was kept is had anew, once, on
   * another: it must leave nothing behind before it is over.
   */
  run<Result>(converse: (asker: CatalogAsker) => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => this.#runNow(converse));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #runNow<Result>(converse: (asker: CatalogAsker) => Promise<Result>): Promise<Result> {
    const kept = this.#take();
    if (kept?.writable === true) {
      try {
        return await this.#runOn(kept, converse);
      } catch {
        // The target may have closed it while nobody looked: only a fresh connection tells.
      }
    }
    const { socket } = await this.#options.connect();
    socket.on('error', () => undefined);
    return this.#runOn(socket, converse);
  }

  #take(): Socket | undefined {
    clearTimeout(this.#idle);
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
  }

  async #runOn<Result>(
    socket: Socket,
    converse: (asker: CatalogAsker) => Promise<Result>,
  ): Promise<Result> {
    socket.ref();
    try {
      const result = await converse(askerOn(socket));
      this.#keep(socket);
      return result;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  #keep(socket: Socket): void {
    this.#kept = socket;
    socket.unref();
    this.#idle = setTimeout(() => {
      this.#last = this.#last.then(() => this.#close());
    }, idleMilliseconds).unref();
  }

  async #close(): Promise<void> {
    const kept = this.#take();
    if (kept?.writable !== true) return;
    await this.#options.beforeClosing(askerOn(kept)).catch(() => undefined);
    kept.end(encodeBodyless(frontend.terminate));
  }
}

function askerOn(socket: Socket): CatalogAsker {
  const signal = AbortSignal.timeout(queriesMilliseconds);
  const messages = new MessageStream(new ByteSource(socket, signal), {
    direction: 'backend',
    bytesMax: messageBytesMax,
  });
  const each: CatalogAsker['each'] = async (queries, take) => {
    socket.write(Buffer.concat(queries.map((query) => encodeQuery(query))));
    for (const query of queries.keys()) await readRows(messages, (row) => take(query, row));
  };
  const ask: CatalogAsker['ask'] = async (queries) => {
    const results = queries.map((): CatalogRow[] => []);
    await each(queries, (query, row) => results[query]?.push(row));
    return results;
  };
  return { connection: socket, ask, each };
}

async function readRows(messages: MessageStream, take: (row: CatalogRow) => void): Promise<void> {
  const table = columnTable();
  let failure: UpstreamError | undefined;
  for (;;) {
    const message = await messages.next();
    if (message === undefined) throw new UpstreamError('upstream-broken', 'the target closed');
    const { type, frame } = message;
    if (type === backend.dataRow) {
      const columns = decodeDataRow({ buffer: frame, start: 0, end: frame.length }, table);
      take(Array.from({ length: columns }, (_, column) => textAt(frame, table, column)));
    } else if (type === backend.errorResponse) {
      const text = reportField(decodeServerReport(frame), 'message') ?? 'no reason given';
      failure = new UpstreamError('upstream-refused', `the catalog cannot be read: ${text}`);
    } else if (type === backend.readyForQuery) {
      if (failure !== undefined) throw failure;
      return;
    }
  }
}

function textAt(frame: Buffer, table: Int32Array, column: number): string | null {
  const offset = table[2 * column] ?? 0;
  const length = table[2 * column + 1] ?? -1;
  return length < 0 ? null : frame.toString('utf8', offset, offset + length);
}
