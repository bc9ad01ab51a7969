// Notices that files have changed, by asking for their state: notifications come once for a file that is replaced twice
// within a moment, and a revocation must not be the one that is lost.

import { statSync } from 'node:fs';

export class FileChanges {
  readonly #stamps = new Map<string, string>();

  /** Made before the files are read, so that nothing is missed in between. */
  constructor(paths: readonly string[]) {
    for (const path of paths) this.#stamps.set(path, stampOf(path));
  }

  /** Whether one of them is not as it was when this was last asked. */
  take(): boolean {
    const changed = Array.from(this.#stamps).filter(([path, stamp]) => stampOf(path) !== stamp);
    for (const [path] of changed) this.#stamps.set(path, stampOf(path));
    return changed.length > 0;
  }
}

/** The time of change is the kernel's own: a tool that keeps the time of modification cannot keep it. */
function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev}:${stat.ino}:${stat.size}:${stat.ctimeNs}`;
}
