// Hot reload: waits until a directory stands still, then asks for one reload, however many files an
// editor or a checkout touched.

import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

import { isBundleFile } from './bundle.ts';

const quietMilliseconds = 150;
/** A checkout that never ends (a stale lock) delays a reload this long at most. */
const patienceMilliseconds = 1500;

/**
 * Calls `reload` once for each burst of changes below `directory`, never twice at a time.
 * `reload` must not reject.
 */
export class PolicyWatcher {
  readonly #watcher: FSWatcher;
  readonly #reload: () => Promise<void>;
  readonly #lock: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #burstStart = 0;
  #reloads = Promise.resolve();

  constructor(directory: string, reload: () => Promise<void>) {
    this.#reload = reload;
    this.#lock = gitLock(directory);
    this.#watcher = watch(directory, {
      ignoreInitial: true,
      ignored: (path, stats) => stats?.isFile() === true && !isBundleFile(basename(path)),
    });
    this.#watcher.on('all', () => {
      this.#changed();
    });
  }

  /** Resolves when changes from now on are seen. */
  async ready(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#watcher.once('ready', () => {
      resolve(undefined);
    });
    await promise;
  }

  #changed(): void {
    if (this.#timer === undefined) this.#burstStart = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#settle(), quietMilliseconds);
  }

  async #settle(): Promise<void> {
    const waited = performance.now() - this.#burstStart;
    if (this.#lock !== undefined && existsSync(this.#lock) && waited < patienceMilliseconds) {
      this.#timer = setTimeout(() => void this.#settle(), quietMilliseconds);
      return;
    }
    this.#timer = undefined;
    // One behind the other: a burst during a reload waits for it and is then read anew.
    this.#reloads = this.#reloads.then(this.#reload);
    await this.#reloads;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }
}

/** The lock file that Git holds while it changes the working tree around `directory`. */
function gitLock(directory: string): string | undefined {
  for (let folder = directory; folder !== dirname(folder); folder = dirname(folder)) {
    const git = join(folder, '.git');
    if (existsSync(git)) return join(git, 'index.lock');
  }
  return undefined;
}
