// Compiled policies on disk, by content hash. Whatever cannot be read back whole is a miss.

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is kept: a JSON text and, for a compiled policy, its WASM. */
export interface CacheEntry {
  readonly response: string;
  readonly wasm: Uint8Array;
}

const digestBytes = 32;
const lengthBytes = 4;

/** Of the key too: an entry that got under another's name is a miss. */
const digestOf = (key: string, body: Uint8Array) =>
  createHash('sha256').update(key).update(body).digest();

/** The entry under `key`, or `undefined` if there is none or its bytes are not those written. */
export function readCache(directory: string, key: string): CacheEntry | undefined {
  const bytes = readOrMiss(join(directory, key));
  if (bytes === undefined || bytes.length < digestBytes + lengthBytes) return undefined;
  const body = bytes.subarray(digestBytes);
  if (!digestOf(key, body).equals(bytes.subarray(0, digestBytes))) return undefined;
  const end = lengthBytes + body.readUInt32BE(0);
  return {
    response: body.toString('utf8', lengthBytes, end),
    wasm: new Uint8Array(body.subarray(end)),
  };
}

function readOrMiss(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // Absent or unreadable is the same: it is compiled again.
    return undefined;
  }
}

/** As `writeCache`; what cannot be written is compiled again: a full disk must not keep a policy from being loaded. */
export function keepCached(directory: string, key: string, entry: CacheEntry): void {
  try {
    writeCache(directory, key, entry);
  } catch {
    // Reading it will be a miss.
  }
}

/** Appears under its key whole or not at all: written beside it, then renamed. */
export function writeCache(directory: string, key: string, entry: CacheEntry): void {
  const response = Buffer.from(entry.response);
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(response.length);
  const body = Buffer.concat([length, response, entry.wasm]);
  const temporary = join(directory, `${key}.${randomUUID()}.part`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(temporary, Buffer.concat([digestOf(key, body), body]), { mode: 0o600 });
    renameSync(temporary, join(directory, key));
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
