// How many downstream connections may be open at once, counted over all listeners that share it.

export class ConnectionSlots {
  readonly max: number;
  #taken = 0;

  constructor(max: number) {
    this.max = max;
  }

  get taken(): number {
    return this.#taken;
  }

  /** The slot's release, to be called once; null when all are taken. */
  take(): (() => void) | null {
    if (this.#taken >= this.max) return null;
    this.#taken += 1;
    let held = true;
    return () => {
      if (held) this.#taken -= 1;
      held = false;
    };
  }
}
