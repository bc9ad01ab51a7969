// A policy's memory with its documents parsed, made once a generation: instances start as copies of it, so that neither
// a swap nor a replacement parses documents in the thread that serves sessions.

import { PolicyError } from '../../model/index.ts';
import type { Address, PolicyInstance } from './abi.ts';
import { align, loadInstance } from './abi.ts';
import { fuelCounter } from '../metering/index.ts';

export interface PolicyImage {
  /** From address 0; whatever lies above is free. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the instance that it was taken from had. */
  readonly memoryBytes: number;
  readonly data: Address;
}

/** The most that there is: documents are the operator's, and parsing ends with them. */
const parsingFuel = 2 ** 31 - 1;
/** Room for one evaluation of a large input: growing the memory later is charged. */
const emptyBytes = 4 * 1024 * 1024;
/** What parsed documents take inside the module, as a multiple of their text; growing step by step is slow. */
const expansion = 18;

/**
 * @param data The documents as JSON, with sets as `{a, b}`.
 * @throws PolicyError `policy-load` when the module does not load, or its documents are malformed or too large for it.
 */
export function makeImage(
  wasm: WebAssembly.Module,
  data: string,
  memoryBytesMax: number,
): PolicyImage {
  const text = Buffer.from(data);
  const bounds = {
    initialBytes: emptyBytes + text.length * expansion,
    maximumBytes: memoryBytesMax,
  };
  const instance = loadInstance(wasm, bounds);
  const address = parseDocuments(instance, text);
  const { mem, wasmInstance } = instance;
  const end = align(wasmInstance.exports.opa_heap_ptr_get());
  return {
    bytes: new Uint8Array(mem.buffer.slice(0, end)),
    memoryBytes: mem.buffer.byteLength,
    data: address,
  };
}

function parseDocuments({ mem, wasmInstance }: PolicyInstance, text: Buffer): Address {
  const { exports } = wasmInstance;
  const start = align(exports.opa_heap_ptr_get());
  if (start + text.length >= mem.buffer.byteLength) throw tooLarge();
  Buffer.from(mem.buffer).set(text, start);
  exports.opa_heap_ptr_set(align(start + text.length + 1));
  fuelCounter(exports).value = parsingFuel;
  let address: Address;
  try {
    address = exports.opa_value_parse(start, text.length);
  } catch (cause) {
    throw tooLarge(cause);
  }
  if (address === 0) throw new PolicyError('policy-load', 'the documents are malformed');
  return address;
}

const tooLarge = (cause?: unknown): PolicyError =>
  new PolicyError('policy-load', 'the documents do not fit into policyMemoryBytesMax', { cause });
