// The catalogs that a thread was sent, kept alike by who sends them and who gets them.

import type { Catalog } from './catalog.ts';

/** Of some target databases each, or before and after some changes. */
const catalogsMax = 8;

export class RecentCatalogs {
  /** Oldest first. */
  readonly #byNumber = new Map<number, Catalog>();

  add(number: number, catalog: Catalog): void {
    this.#byNumber.set(number, catalog);
    if (this.#byNumber.size <= catalogsMax) return;
    for (const oldest of this.#byNumber.keys()) {
      this.#byNumber.delete(oldest);
      return;
    }
  }

  find(number: number): Catalog | undefined {
    return this.#byNumber.get(number);
  }
}
