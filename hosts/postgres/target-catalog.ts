// The catalog of one target database: read over a connection of its own, kept current, saved for offline `eval`.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { UpstreamError } from '#engine';
import { ByteSource } from '#transport';

import { MessageStream } from './message-stream.ts';
import type { Catalog, CatalogRows } from './sql/index.ts';
import { buildCatalog, catalogQueries } from './sql/index.ts';
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

const readMilliseconds = 20_000;
const messageBytesMax = 16 * 1024 * 1024;
/** After this a catalog is read again behind the scenes, because others change the target too. */
const staleMilliseconds = 30_000;
/** Unknown names ask for a fresh catalog at most this often. */
const unknownMilliseconds = 1000;

export interface TargetCatalogOptions {
  readonly connect: () => Promise<Upstream>;
  /** Where the snapshot for offline use is written. */
  readonly snapshot: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export class TargetCatalog {
  readonly #options: TargetCatalogOptions;
  #current: Catalog | undefined;
  #readAt = 0;
  #reading: Promise<Catalog> | undefined;
  #invalid: Promise<Catalog> | undefined;
  #uncommitted = false;

  constructor(options: TargetCatalogOptions) {
    this.#options = options;
  }

  /** The last catalog read; starts reading a newer one when it is old. Only after `ready`. */
  get current(): Catalog {
    if (this.#current === undefined) throw new Error('the catalog was never read');
    if (this.#options.now() - this.#readAt > staleMilliseconds) this.refreshSoon();
    return this.#current;
  }

  /** @throws UpstreamError when there is no catalog yet and none can be read. */
  async ready(): Promise<void> {
    if (this.#current === undefined) await this.refresh();
  }

  /** Reads the catalog as it is now, or as of a read that begins after one that is under way. */
  async refresh(): Promise<Catalog> {
    if (this.#reading !== undefined) await this.#reading.catch(() => undefined);
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** As `refresh`, for who need not wait; a failure keeps the last catalog and is reported. */
  refreshSoon(): void {
    if (this.#reading !== undefined) return;
    this.refresh().catch(this.#options.onError);
  }

  /** DDL passed: judge nothing by the old catalog once its transaction has ended. */
  invalidate(): void {
    this.#uncommitted = true;
    const reading = this.refresh()
      .catch((error: unknown) => {
        this.#options.onError(error);
        return this.current;
      })
      .finally(() => {
        if (this.#invalid === reading) this.#invalid = undefined;
      });
    this.#invalid = reading;
  }

  /** A transaction ended: what it changed is visible only now. */
  committed(): void {
    if (!this.#uncommitted) return;
    this.invalidate();
    this.#uncommitted = false;
  }

  /** The catalog behind the last invalidation, if it is still being read. Never rejects. */
  get pending(): Promise<Catalog> | undefined {
    return this.#invalid;
  }

  /** A name is unknown: a fresh catalog unless one was read just now. Never rejects. */
  refreshUnknown(): Promise<Catalog> | undefined {
    if (this.#options.now() - this.#readAt < unknownMilliseconds) return undefined;
    return this.refresh().catch((error: unknown) => {
      this.#options.onError(error);
      return this.current;
    });
  }

  async #read(): Promise<Catalog> {
    try {
      const startedAt = this.#options.now();
      const rows = await this.#query();
      const catalog = buildCatalog(rows);
      this.#current = catalog;
      this.#readAt = startedAt;
      this.#save(rows);
      return catalog;
    } finally {
      this.#reading = undefined;
    }
  }

  async #query(): Promise<CatalogRows> {
    const { socket } = await this.#options.connect();
    const signal = AbortSignal.timeout(readMilliseconds);
    try {
      const messages = new MessageStream(new ByteSource(socket, signal), {
        direction: 'backend',
        bytesMax: messageBytesMax,
      });
      const results: (string | null)[][][] = [];
      for (const query of catalogQueries) {
        socket.write(encodeQuery(query));
        results.push(await readRows(messages));
      }
      return results;
    } finally {
      socket.end(encodeBodyless(frontend.terminate));
    }
  }

  #save(rows: CatalogRows): void {
    const { snapshot } = this.#options;
    try {
      mkdirSync(dirname(snapshot), { recursive: true, mode: 0o700 });
      writeFileSync(`${snapshot}.new`, JSON.stringify(rows), { mode: 0o600 });
      renameSync(`${snapshot}.new`, snapshot);
    } catch (error) {
      this.#options.onError(error);
    }
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
