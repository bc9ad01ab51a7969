// A directory of policies as one consistent reading: every file of the same moment, or none.

import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { PolicyError } from '../model/index.ts';
import type { PolicyFile } from './compiler/index.ts';

const filesMax = 10_000;
const bytesMax = 64 * 1024 * 1024;
const attemptsMax = 5;
const dataNames = new Set(['data.json', 'data.yaml', 'data.yml']);

/** Whether a file belongs to a bundle: Rego modules and data documents, nothing hidden. */
export function isBundleFile(name: string): boolean {
  return !name.startsWith('.') && (name.endsWith('.rego') || dataNames.has(name));
}

/**
 * Reads all Rego modules and data documents below `directory`, sorted by path.
 *
 * @throws PolicyError `policy-load` when it cannot be read, is too large, or never stands still.
 */
export async function readBundle(directory: string): Promise<readonly PolicyFile[]> {
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const before = await listFiles(directory);
      const files = await Promise.all(
        before.map(async ({ path }) => ({
          path,
          text: await readFile(join(directory, path), 'utf8'),
        })),
      );
      const after = await listFiles(directory);
      if (JSON.stringify(before) === JSON.stringify(after)) return files;
    }
  } catch (cause) {
    if (cause instanceof PolicyError) throw cause;
    throw new PolicyError('policy-load', `${directory}: cannot be read`, { cause });
  }
  throw new PolicyError('policy-load', `${directory}: changes while it is read`);
}

interface Stamp {
  readonly path: string;
  readonly bytes: number;
  readonly changed: string;
  readonly inode: string;
}

async function listFiles(directory: string): Promise<readonly Stamp[]> {
  const stamps: Stamp[] = [];
  let bytes = 0;
  for (const path of await walk(directory, '')) {
    const { size, mtimeNs, ino } = await stat(join(directory, path), { bigint: true });
    bytes += Number(size);
    stamps.push({ path, bytes: Number(size), changed: String(mtimeNs), inode: String(ino) });
  }
  if (stamps.length > filesMax || bytes > bytesMax) {
    throw new PolicyError('policy-load', `${directory}: has too many or too large files`);
  }
  return stamps.sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function walk(root: string, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) paths.push(...(await walk(root, path)));
    else if (isBundleFile(entry.name)) paths.push(path);
  }
  return paths;
}
