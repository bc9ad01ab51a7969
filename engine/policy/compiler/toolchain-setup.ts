// What a fresh toolchain is told once, and the hash that stands for all of it.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

import capabilities from './capabilities.json' with { type: 'json' };
import generated from './generated/compiler.json' with { type: 'json' };
import type { PolicyFile, Setup } from './protocol.ts';
import http from '../../../schemas/http.json' with { type: 'json' };
import postgres from '../../../schemas/postgres.json' with { type: 'json' };
import ssh from '../../../schemas/ssh.json' with { type: 'json' };

const libraryDirectory = new URL('../../../policies/lib/', import.meta.url);

function readLibrary(): readonly PolicyFile[] {
  return readdirSync(libraryDirectory)
    .filter((name) => name.endsWith('.rego') && !name.endsWith('_test.rego'))
    .sort()
    .map((name) => ({
      path: `policies/lib/${name}`,
      text: readFileSync(new URL(name, libraryDirectory), 'utf8'),
    }));
}

export const setup: Setup = {
  lib: readLibrary(),
  schemas: { http, postgres, ssh },
  ...capabilities,
};

/** Changes whenever the same policies could compile to something else. */
export const toolchainHash: string = createHash('sha256')
  .update(JSON.stringify([generated, setup]))
  .digest('hex');
