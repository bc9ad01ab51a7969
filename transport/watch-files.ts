// Says when any of a few files may have changed, however it was put there.

import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

const settleMs = 50;
/** For file systems and moments that give no event: network mounts, a directory that was itself replaced. */
const pollMs = 30_000;

/**
 * The directories are watched, not the files: renaming over a file and swapping the symbolic link that
 * Kubernetes mounts secrets through replace the file that a watch would be held on. Says so once at the start,
 * for what changed since the caller read, and then more often than needed: the caller compares. Calls never
 * overlap. Returns what stops it.
 */
export function watchFiles(paths: readonly string[], onChange: () => Promise<void>): () => void {
  const directories = [...new Set(paths.map((path) => dirname(path)))];
  let watchers: readonly FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();

  const check = (): void => {
    work = work.then(onChange);
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(check, settleMs).unref();
  };
  const arm = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = directories.flatMap((directory) => watcherOf(directory, soon));
    soon();
  };

  arm();
  const poll = setInterval(arm, pollMs).unref();
  return () => {
    clearTimeout(timer);
    clearInterval(poll);
    for (const watcher of watchers) watcher.close();
  };
}

/** None while the directory is gone: the next poll looks again. */
function watcherOf(directory: string, onEvent: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(directory, { persistent: false }, onEvent);
    return [watcher.on('error', () => watcher.close())];
  } catch {
    return [];
  }
}
