// Prepared statements and portals by name, as the server will have them. A name counts for later messages of
// the same pipeline at once (if it fails there, the server skips them too), for good when the server confirms it.

interface Pending<Value> {
  readonly name: string;
  /** `undefined` closes the name. */
  readonly value: Value | undefined;
}

export class NameTable<Value> {
  readonly #confirmed = new Map<string, Value>();
  /** Sent and neither confirmed nor failed, oldest first. */
  #pending: Pending<Value>[] = [];

  lookup(name: string): Value | undefined {
    for (let index = this.#pending.length - 1; index >= 0; index -= 1) {
      const pending = this.#pending[index];
      if (pending?.name === name) return pending.value;
    }
    return this.#confirmed.get(name);
  }

  /** A Parse, Bind or (without a value) Close was forwarded. */
  expect(name: string, value: Value | undefined): void {
    this.#pending.push({ name, value });
  }

  /** The server confirmed the oldest pending name. */
  confirm(): void {
    const pending = this.#pending.shift();
    if (pending === undefined) return;
    if (pending.value === undefined) this.#confirmed.delete(pending.name);
    else this.#confirmed.set(pending.name, pending.value);
  }

  /** The server dropped all that it had confirmed. */
  drop(): void {
    this.#confirmed.clear();
  }

  /** The server skipped this many of the oldest pending names. */
  discard(count: number): void {
    this.#pending.splice(0, count);
  }

  get size(): number {
    return this.#confirmed.size + this.#pending.length;
  }
}
