// Builds the Rego toolchain: Go → js/wasm → zstd, into generated/. `--check` rebuilds and compares.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

// Other releases make other bytes, and wasm_exec.js must match the one that built.
const goRelease = 'go1.26.8';
const compressionLevel = 19;
const here = import.meta.dirname;
const generated = join(here, 'generated');

interface Built {
  readonly wasm: Buffer;
  readonly wasmExec: Buffer;
  readonly facts: Buffer;
}

function go(args: readonly string[], target: NodeJS.ProcessEnv = {}): string {
  const env = { ...process.env, GOTOOLCHAIN: goRelease, GOWORK: 'off', GOFLAGS: '', ...target };
  return execFileSync('go', args, { cwd: here, encoding: 'utf8', env }).trim();
}

function buildWasm(): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-compiler-'));
  const output = join(directory, 'compiler.wasm');
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];
  try {
    go(['build', ...flags, '-o', output, '.'], { GOOS: 'js', GOARCH: 'wasm' });
    return readFileSync(output);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function build(): Built {
  const wasm = buildWasm();
  const facts = {
    go: goRelease,
    opa: go(['list', '-m', '-f', '{{.Version}}', 'github.com/open-policy-agent/opa']),
    sha256: sha256(wasm),
    bytes: wasm.length,
  };
  return {
    wasm,
    wasmExec: readFileSync(join(go(['env', 'GOROOT']), 'lib', 'wasm', 'wasm_exec.js')),
    facts: Buffer.from(`${JSON.stringify(facts, null, 2)}\n`),
  };
}

function write(built: Built): void {
  const params = { [constants.ZSTD_c_compressionLevel]: compressionLevel };
  mkdirSync(generated, { recursive: true });
  writeFileSync(join(generated, 'compiler.wasm.zst'), zstdCompressSync(built.wasm, { params }));
  writeFileSync(join(generated, 'wasm_exec.js'), built.wasmExec);
  writeFileSync(join(generated, 'compiler.json'), built.facts);
}

// The committed module is compared unpacked: compressed bytes may change with a zstd release.
function check(built: Built): void {
  const committed = (name: string) => readFileSync(join(generated, name));
  const different = [
    ...(committed('compiler.json').equals(built.facts) ? [] : ['compiler.json']),
    ...(committed('wasm_exec.js').equals(built.wasmExec) ? [] : ['wasm_exec.js']),
    ...(zstdDecompressSync(committed('compiler.wasm.zst')).equals(built.wasm)
      ? []
      : ['compiler.wasm.zst']),
  ];
  if (different.length === 0) return;
  console.error(`error: generated ${different.join(', ')} differ from a rebuild`);
  console.error('hint: make compiler');
  process.exitCode = 1;
}

if (process.argv.includes('--check')) check(build());
else write(build());
