// Says when the content of any of a few files has changed, however it was put there.

import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';

const settleMs = 50;
/** For file systems and moments that give no event: network mounts, a directory that was itself replaced. */
const pollMs = 30_000;

async function contentOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = await readFile(path).catch(() => Buffer.from('unreadable'));
    hash.update(`${content.length}:`).update(content);
  }
  return hash.digest('hex');
}

/**
 * The directories are watched, not the files: renaming over a file and swapping the symbolic link that
 * Kubernetes mounts secrets through replace the file that a watch would be held on. Changes run one after the
 * other. Returns what stops it.
 */
export function watchFiles(paths: readonly string[], onChange: () => Promise<void>): () => void {
  const directories = [...new Set(paths.map(dirname))];
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let work = contentOf(paths);

  const check = (): void => {
    work = work.then(async (known) => {
      const now = await contentOf(paths);
      if (now !== known) await onChange();
      return now;
    });
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(check, settleMs).unref();
  };
  const watchDirectory = (directory: string): void => {
    try {
      const watcher = watch(directory, { persistent: false }, soon);
      watchers.set(directory, watcher);
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(directory);
      });
    } catch {
      // Gone for the moment: the next poll looks again.
    }
  };
  const poll = setInterval(() => {
    for (const directory of directories) {
      watchers.get(directory)?.close();
      watchDirectory(directory);
    }
    check();
  }, pollMs).unref();

  directories.forEach(watchDirectory);
  return () => {
    clearTimeout(timer);
    clearInterval(poll);
    for (const watcher of watchers.values()) watcher.close();
  };
}
