import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { readCache, writeCache } from '../../../../engine/policy/compiler/cache.ts';

const entry = { response: '{"é":1}', wasm: Uint8Array.from([0, 97, 115, 109]) };

describe('the cache of compiled policies', () => {
  let directory: string;
  const file = () => join(directory, 'cache', 'key');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sallyport-cache-'));
    writeCache(join(directory, 'cache'), 'key', entry);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('gives back what was written, and leaves nothing else', () => {
    expect(readCache(join(directory, 'cache'), 'key')).toEqual(entry);
    expect(readdirSync(join(directory, 'cache'))).toEqual(['key']);
  });

  it('misses what was never written', () => {
    expect(readCache(join(directory, 'cache'), 'other')).toBeUndefined();
    expect(readCache(join(directory, 'absent'), 'key')).toBeUndefined();
  });

  it('misses an entry cut at any length', () => {
    const whole = readFileSync(file());
    for (let length = 0; length < whole.length; length += 1) {
      writeFileSync(file(), whole.subarray(0, length));
      expect(readCache(join(directory, 'cache'), 'key')).toBeUndefined();
    }
  });

  it('misses an entry with any byte changed', () => {
    const whole = readFileSync(file());
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8((changed.readUInt8(at) + 1) % 256, at);
      writeFileSync(file(), changed);
      expect(readCache(join(directory, 'cache'), 'key')).toBeUndefined();
    }
  });
});
