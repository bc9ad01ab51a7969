// The catalog of one target database: read when it is first needed, compared with the target before it decides
// about masks, saved for offline `eval`.

import type { UpstreamError } from '#engine';

import type { Catalog, CatalogFacts, CatalogRows } from '../sql/index.ts';
import { catalogOf } from '../sql/index.ts';
import type { Upstream } from '../upstream.ts';
import type { CatalogAsker } from './connection.ts';
import { CatalogConnection } from './connection.ts';
import type { CalledFunction } from './function-by-oid.ts';
import { functionIn, functionQuery } from './function-by-oid.ts';
import type { ReadOptions } from './reader.ts';
import { CatalogReader } from './reader.ts';
import { CatalogSnapshot } from './snapshot.ts';

/** After this a catalog is compared behind the scenes, because others change the target too. */
const staleMilliseconds = 30_000;
/** Unknown names ask for a comparison at most this often. */
const unknownMilliseconds = 100;

export interface TargetCatalogOptions {
  readonly connect: () => Promise<Upstream>;
  /** Where the snapshot for offline use is written. */
  readonly snapshot: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** What `rolePrivilegesQuery` found as an error, or nothing where the role is fine or everything is allowed. */
  readonly refusalOf: (privileges: CatalogRows[number]) => UpstreamError | undefined;
  /** The role was fine before, and is no longer: sessions that are open must end. */
  readonly onRefused: () => void;
}

export class TargetCatalog {
  readonly #options: TargetCatalogOptions;
  readonly #connection: CatalogConnection;
  readonly #reader = new CatalogReader();
  readonly #snapshot: CatalogSnapshot;
  #current: Catalog | undefined;
  /** What `current` was built from. */
  #facts: CatalogFacts | undefined;
  #comparedAt = -Infinity;
  /** A change is known that the version may not show: temporary tables are left out of it. */
  #mustRead = false;
  /** The comparison under way, and the one that begins when it is over. */
  #comparing: Promise<Catalog | undefined> | undefined;
  #next: Promise<Catalog | undefined> | undefined;
  #invalid: Promise<Catalog> | undefined;
  #first: Promise<void> | undefined;
  #refused: UpstreamError | undefined;

  constructor(options: TargetCatalogOptions) {
    this.#options = options;
    this.#snapshot = new CatalogSnapshot({ file: options.snapshot, onError: options.onError });
    this.#connection = new CatalogConnection({
      connect: options.connect,
      beforeClosing: async (asker) => {
        await this.#ask(asker, { mustRead: false, isLast: true });
      },
    });
  }

  /** The last catalog read; starts comparing it when that is long ago. Only after `ready`. */
  get current(): Catalog {
    if (this.#current === undefined) throw new Error('the catalog was never read');
    if (this.#options.now() - this.#comparedAt > staleMilliseconds) this.refreshSoon();
    return this.#current;
  }

  /** @throws UpstreamError when there is no catalog yet and none can be read, or the role may do too much. */
  async ready(): Promise<void> {
    if (this.#current !== undefined && this.#refused === undefined) return;
    this.#first ??= this.#read().finally(() => (this.#first = undefined));
    await this.#first;
  }

  /** Why nobody may use the target by the gateway's role, as far as it was asked. */
  get refused(): UpstreamError | undefined {
    return this.#refused;
  }

  /** Compares for who need not wait. */
  refreshSoon(): void {
    if (this.#comparing === undefined) void this.#compare();
  }

  /**
   * The catalog as the target has it after this call; `undefined` in the promise when the target cannot be asked. At once
   * `undefined` when `current` was compared no longer ago than `ageMilliseconds`. However many sessions ask, one
   * comparison is under way and one waits. Never rejects.
   */
  verify(ageMilliseconds: number): Promise<Catalog | undefined> | undefined {
    const age = this.#options.now() - this.#comparedAt;
    return age < ageMilliseconds ? undefined : this.#compare();
  }

  /** DDL was committed: nothing may be judged by the catalog before it. */
  invalidate(): void {
    this.#mustRead = true;
    const reading = this.#compare()
      .then(() => this.current)
      .finally(() => {
        if (this.#invalid === reading) this.#invalid = undefined;
      });
    this.#invalid = reading;
  }

  /** The catalog behind the last invalidation, if it is still being read. Never rejects. */
  get pending(): Promise<Catalog> | undefined {
    return this.#invalid;
  }

  /** A name is unknown: a fresh catalog unless it was compared just now. Never rejects. */
  refreshUnknown(): Promise<Catalog> | undefined {
    if (this.#options.now() - this.#comparedAt < unknownMilliseconds) return undefined;
    return this.#compare().then(() => this.current);
  }

  /**
   * The function that a FunctionCall means, by what is committed now: a number may have changed its name since the catalog
   * was read. @throws UpstreamError
   */
  async functionOf(oid: number): Promise<CalledFunction | undefined> {
    try {
      const [rows = []] = await this.#connection.run((asker) => asker.ask([functionQuery(oid)]));
      return functionIn(rows);
    } catch (error) {
      this.#options.onError(error);
      throw error;
    }
  }

  /** A comparison that begins now or later: one under way may have looked before the change. Never rejects. */
  #compare(): Promise<Catalog | undefined> {
    this.#next ??= this.#compareAfter(this.#comparing);
    return this.#next;
  }

  async #compareAfter(before: Promise<unknown> | undefined): Promise<Catalog | undefined> {
    await before;
    const own = this.#next;
    this.#comparing = own;
    this.#next = undefined;
    try {
      await this.#read();
      return this.#current;
    } catch (error) {
      this.#mustRead = true;
      this.#options.onError(error);
      return undefined;
    } finally {
      if (this.#comparing === own) this.#comparing = undefined;
    }
  }

  /** @throws UpstreamError also when the gateway's role is one that is refused. */
  async #read(): Promise<void> {
    const startedAt = this.#options.now();
    const mustRead = this.#mustRead;
    // Cleared before anything is asked: a change that is told meanwhile asks for another reading.
    this.#mustRead = false;
    const facts = await this.#connection.run((asker) =>
      this.#ask(asker, { mustRead, isLast: false }),
    );
    if (facts === undefined) throw this.#refused ?? new Error('refused for no reason');
    if (facts !== this.#facts) {
      const isFirst = this.#facts === undefined;
      this.#current = catalogOf(facts);
      this.#facts = facts;
      const saved = this.#snapshot.save(facts);
      if (isFirst) await saved;
    }
    this.#comparedAt = startedAt;
  }

  #ask(
    asker: CatalogAsker,
    options: Omit<ReadOptions, 'accepts'>,
  ): Promise<CatalogFacts | undefined> {
    const accepts: ReadOptions['accepts'] = (privileges) => {
      const before = this.#refused;
      this.#refused = this.#options.refusalOf(privileges);
      if (this.#refused !== undefined && before === undefined) this.#options.onRefused();
      return this.#refused === undefined;
    };
    return this.#reader.read(asker, { ...options, accepts });
  }
}
