// The gateway's own connection to a target, for its catalog: opened when it is needed, kept while it is in use.

import { UpstreamError } from '#engine';
import { ByteSource } from '#transport';

import { MessageStream } from './message-stream.ts';
import type { CatalogRows } from './sql/index.ts';
import type { Upstream } from './upstream.ts';
import {
  backend,
  columnTable,
  decodeDataRow,
  decodeServerReport,
  encodeBodyless,
  encodeQuery,
  frontend,
  reportField,
} from './wire/index.ts';

const queriesMilliseconds = 20_000;
const messageBytesMax = 16 * 1024 * 1024;
/** A database that nobody asks about must not be kept from being dropped. */
const idleMilliseconds = 10_000;

type Socket = Upstream['socket'];

export class CatalogConnection {
  readonly #connect: () => Promise<Upstream>;
  #kept: Socket | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connect: () => Promise<Upstream>) {
    this.#connect = connect;
  }

  /** Row sets of the queries, which run in order and never beside others. Throws UpstreamError. */
  run(queries: readonly string[]): Promise<CatalogRows> {
    const result = this.#last.then(() => this.#runNow(queries));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #runNow(queries: readonly string[]): Promise<CatalogRows> {
    clearTimeout(this.#idle);
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept?.writable === true) {
      try {
        return await this.#runOn(kept, queries);
      } catch {
        // The target may have closed it while nobody looked: only a fresh connection tells.
      }
    }
    const { socket } = await this.#connect();
    socket.on('error', () => undefined);
    return this.#runOn(socket, queries);
  }

  async #runOn(socket: Socket, queries: readonly string[]): Promise<CatalogRows> {
    socket.ref();
    const signal = AbortSignal.timeout(queriesMilliseconds);
    const messages = new MessageStream(new ByteSource(socket, signal), {
      direction: 'backend',
      bytesMax: messageBytesMax,
    });
    try {
      const results: (string | null)[][][] = [];
      for (const query of queries) {
        socket.write(encodeQuery(query));
        results.push(await readRows(messages));
      }
      this.#keep(socket);
      return results;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  #keep(socket: Socket): void {
    this.#kept = socket;
    socket.unref();
    this.#idle = setTimeout(() => {
      this.#kept = undefined;
      socket.end(encodeBodyless(frontend.terminate));
    }, idleMilliseconds).unref();
  }
}

async function readRows(messages: MessageStream): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = [];
  const table = columnTable();
  let failure: UpstreamError | undefined;
  for (;;) {
    const message = await messages.next();
    if (message === undefined) throw new UpstreamError('upstream-broken', 'the target closed');
    const { type, frame } = message;
    if (type === backend.dataRow) {
      const columns = decodeDataRow({ buffer: frame, start: 0, end: frame.length }, table);
      rows.push(Array.from({ length: columns }, (_, column) => textAt(frame, table, column)));
    } else if (type === backend.errorResponse) {
      const text = reportField(decodeServerReport(frame), 'message') ?? 'no reason given';
      failure = new UpstreamError('upstream-refused', `the catalog cannot be read: ${text}`);
    } else if (type === backend.readyForQuery) {
      if (failure !== undefined) throw failure;
      return rows;
    }
  }
}

function textAt(frame: Buffer, table: Int32Array, column: number): string | null {
  const offset = table[2 * column] ?? 0;
  const length = table[2 * column + 1] ?? -1;
  return length < 0 ? null : frame.toString('utf8', offset, offset + length);
}
