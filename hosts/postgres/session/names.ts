// Prepared statements and portals by name, as the server will have them. A name counts for later messages of
// the same pipeline at once (if it fails there, the server skips them too), for good when the server confirms it.

export interface NameBounds {
  readonly namesMax: number;
  /** Over all texts together. */
  readonly bytesMax: number;
}

interface Sized {
  /** What it costs to keep, about. */
  readonly bytes: number;
}

interface Pending<Value> {
  readonly name: string;
  /** Counts the Syncs before it. */
  readonly section: number;
  /** `undefined` closes the name. */
  readonly value: Value | undefined;
}

/** NAMEDATALEN - 1: the server takes names for the same that begin with the same bytes. */
const nameBytes = 63;

function identityOf(name: string): string {
  if (3 * name.length < nameBytes || name.startsWith('\0')) return name;
  const bytes = Buffer.from(name);
  return bytes.length < nameBytes ? name : `\0${bytes.toString('latin1', 0, nameBytes)}`;
}

export class NameTable<Value extends Sized> {
  readonly #bounds: NameBounds;
  /** In the order of their confirmation. */
  readonly #confirmed = new Map<string, Value>();
  #bytes = 0;
  /** Sent and neither confirmed nor failed, oldest first. */
  #pending: Pending<Value>[] = [];
  #section = 0;
  #hasForgotten = false;

  constructor(bounds: NameBounds) {
    this.#bounds = bounds;
  }

  /** What it stands for if `isSettled`. */
  lookup(given: string): Value | undefined {
    const name = identityOf(given);
    for (let index = this.#pending.length - 1; index >= 0; index -= 1) {
      const pending = this.#pending[index];
      if (pending?.name === name) return pending.value;
    }
    return this.#confirmed.get(name);
  }

  /**
   * False while the server may still fail or skip what was sent under this name before the last Sync: then the name stands
   * for something else behind it.
   */
  isSettled(given: string): boolean {
    if (this.#pending.length === 0) return true;
    const name = identityOf(given);
    return this.#pending.every((each) => each.name !== name || each.section === this.#section);
  }

  /** Whether that holds for every name. */
  get areSettled(): boolean {
    return this.#pending.every((each) => each.section === this.#section);
  }

  /** A Sync was forwarded. */
  endSection(): void {
    this.#section += 1;
  }

  /** A Parse, Bind or (without a value) Close was forwarded. */
  expect(name: string, value: Value | undefined): void {
    this.#pending.push({ name: identityOf(name), section: this.#section, value });
  }

  /** The server confirmed the oldest pending name. */
  confirm(): void {
    // Of a single one, as it mostly is, the end is the front, and sooner taken.
    const pending = this.#pending.length === 1 ? this.#pending.pop() : this.#pending.shift();
    if (pending === undefined) return;
    this.set(pending.name, pending.value);
  }

  /** SQL gave the name or, without a value, took it, and the server confirmed that. */
  set(given: string, value: Value | undefined): void {
    const name = identityOf(given);
    this.#forget(name);
    if (value === undefined) return;
    this.#confirmed.set(name, value);
    this.#bytes += value.bytes;
    this.#bound();
  }

  /** The server dropped what it had confirmed, but for what is to be kept. */
  drop(isKept: (value: Value) => boolean = () => false): void {
    if (this.#confirmed.size === 0) return;
    for (const [name, value] of this.#confirmed) if (!isKept(value)) this.#forget(name);
  }

  /** The server skipped this many of the oldest pending names. */
  discard(count: number): void {
    this.#pending.splice(0, count);
  }

  /** Whether a name may stand for something that had to make room here. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  get size(): number {
    return this.#confirmed.size;
  }

  /** What DEALLOCATE dropped is not known here, so the oldest names make room: for the client they do not exist. */
  #bound(): void {
    const { namesMax, bytesMax } = this.#bounds;
    for (const name of this.#confirmed.keys()) {
      if (this.#confirmed.size <= namesMax && this.#bytes <= bytesMax) return;
      this.#hasForgotten = true;
      this.#forget(name);
    }
  }

  #forget(name: string): void {
    this.#bytes -= this.#confirmed.get(name)?.bytes ?? 0;
    this.#confirmed.delete(name);
  }
}
