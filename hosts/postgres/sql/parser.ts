// The safety box around libpg-query, PostgreSQL's own parser as WebAssembly: bounded input only, and a parser
// instance that failed in any way but a clean syntax error is never used again.

import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { RawStmt } from 'libpg-query';

import { nestsTooDeep } from './nesting.ts';
import type { Refused } from './types.ts';

export interface Parsed {
  readonly kind: 'parsed';
  /** `stmt_location` and `stmt_len` count bytes of UTF-8; a length of 0 reaches to the end of the text. */
  readonly statements: readonly RawStmt[];
}

interface Instance {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  readonly HEAPU32: Uint32Array;
  readonly _malloc: (bytes: number) => number;
  readonly _free: (pointer: number) => void;
  readonly _wasm_parse_query_raw: (text: number) => number;
  readonly _wasm_free_parse_result: (result: number) => void;
}

type Imports = ConstructorParameters<typeof WebAssembly.Instance>[1];
type Instantiate = (imports: Imports, done: (made: WebAssembly.Instance) => void) => object;

const require = createRequire(import.meta.url);
// The package's index keeps one instance for the life of the process; its factory makes as many as are needed.
const factory = require('libpg-query/wasm/libpg-query.js') as (options: {
  readonly instantiateWasm: Instantiate;
}) => Promise<Instance>;
const compiled = new WebAssembly.Module(
  readFileSync(require.resolve('libpg-query/wasm/libpg-query.wasm')),
);

const instantiate = (): Promise<Instance> =>
  factory({
    instantiateWasm: (imports, done) => {
      done(new WebAssembly.Instance(compiled, imports));
      return {};
    },
  });

const instances: Instance[] = await Promise.all([instantiate(), instantiate()]);
let replaced = 0;

/** How often an instance had to be discarded: more than never is worth an alarm. */
export const parserReplacements = (): number => replaced;

const refuse = (code: Refused['code'], message: string, hint?: string): Refused => ({
  kind: 'refused',
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
});

/** Text of a protocol message; null if the bytes are no UTF-8 or hold a NUL. */
export function decodeSql(bytes: Uint8Array): string | null {
  return isUtf8(bytes) && !bytes.includes(0) ? Buffer.from(bytes).toString('utf8') : null;
}

/** Parses SQL text into raw statements. Never throws. */
export function parseSql(text: string, bytesMax: number): Parsed | Refused {
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) {
    return refuse(
      'statement-too-large',
      `the statement has ${bytes} bytes, the limit is ${bytesMax}`,
      'send smaller statements, or bulk data with COPY',
    );
  }
  // The parser takes a C string: text after a NUL would reach the target unparsed.
  if (text.includes('\0') || !text.isWellFormed()) {
    return refuse('statement-unparsable', 'the statement holds a NUL or is not Unicode text');
  }
  if (nestsTooDeep(text)) {
    return refuse(
      'statement-too-large',
      'the statement nests too deeply',
      'use fewer chained operators, brackets, joins or unions in one statement',
    );
  }
  return attempt(text);
}

/** Without the bounds that keep the parser alive. */
export const parseUnboundedForTest = (text: string): Parsed | Refused => attempt(text);

function attempt(text: string): Parsed | Refused {
  const instance = instances[0];
  if (instance === undefined) {
    return refuse('statement-unparsable', 'the parser is being replaced', 'try again');
  }
  try {
    return run(instance, text);
  } catch {
    // Whatever it was, the C side skipped its clean-up: later parses of this instance cannot be trusted.
    instances.shift();
    replaced += 1;
    void instantiate().then(
      (fresh) => instances.push(fresh),
      () => undefined,
    );
    return refuse('statement-unparsable', 'the parser failed on the statement');
  }
}

function run(instance: Instance, text: string): Parsed | Refused {
  const bytes = Buffer.byteLength(text);
  const pointer = instance._malloc(bytes + 1);
  const input = heapOf(instance);
  input.write(text, pointer, bytes, 'utf8');
  input[pointer + bytes] = 0;
  const result = instance._wasm_parse_query_raw(pointer);
  if (result === 0) throw new RangeError('parser out of memory');
  // struct PgQueryParseResult { char *parse_tree; char *stderr_buffer; PgQueryError *error; }
  const words = instance.HEAPU32;
  const error = words[(result >> 2) + 2] ?? 0;
  const answer =
    error === 0
      ? parsedFrom(cString(instance, words[result >> 2] ?? 0))
      : syntaxError(cString(instance, words[error >> 2] ?? 0), words[(error >> 2) + 4] ?? 0);
  instance._free(pointer);
  instance._wasm_free_parse_result(result);
  return answer;
}

const parsedFrom = (json: string): Parsed => ({
  kind: 'parsed',
  statements: (JSON.parse(json) as { stmts?: RawStmt[] }).stmts ?? [],
});

/** struct PgQueryError { char *message; char *funcname; char *filename; int lineno; int cursorpos; char *context; } */
const syntaxError = (message: string, cursor: number): Refused => ({
  ...refuse('statement-unparsable', message),
  ...(cursor > 0 ? { position: cursor } : {}),
});

function cString(instance: Instance, pointer: number): string {
  if (pointer === 0) throw new RangeError('parser returned no string');
  const heap = heapOf(instance);
  return heap.toString('utf8', pointer, heap.indexOf(0, pointer));
}

let view = Buffer.alloc(0);

// A view costs more than a small parse's copy, so it is kept until the memory grows or the instance changes.
function heapOf(instance: Instance): Buffer {
  const memory = instance.HEAPU8.buffer;
  if (view.buffer !== memory) view = Buffer.from(memory);
  return view;
}
