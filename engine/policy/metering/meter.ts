// Rewrites a compiled policy so that it can only run as far as its fuel reaches.

import { meterCode } from './code.ts';
import { fuelExport, initialFuel } from './fuel.ts';
import { unmeterable } from './reader.ts';
import type { Vector } from './sections.ts';
import {
  countImportedGlobals,
  exportedNames,
  headerBytes,
  readSections,
  readVector,
  sectionIds,
  sectionOrder,
} from './sections.ts';
import { fuelTick, globalExport, mutableGlobal, section, unsigned } from './writer.ts';

/**
 * The same module with a counter, exported as `sallyport_fuel`: one is taken from it at the entry of every function and
 * at the head of every loop, and the module traps when it falls below zero. It answers what it answered, since ticks
 * leave the stack, the locals, the memory and every index as they are.
 *
 * Why it always ends: `loop` labels are the only targets of backward branches and calls the only other way
 * to run an instruction twice, so between two ticks runs each instruction of one function at most once, beside rests of
 * callers that it returns to, each entered by a tick of its own. What an instruction itself takes is bounded: those
 * that work in proportion to an operand are refused, and `memory.grow` is held by the memory's maximum. The
 * counter is out of the module's reach: its index is the first that the valid module could not name. Imported
 * functions are the host's and are not counted.
 *
 * An exhausted module stays so, whichever export is called, until its host fills the counter again.
 *
 * @throws PolicyError `policy-load` for anything that is invalid, unknown, or exports that name already.
 */
export function meter(wasm: Uint8Array): Uint8Array {
  // What is invalid must not become valid by what is added, such as a `global.set` of an index not yet there.
  if (!WebAssembly.validate(wasm)) throw unmeterable('it is no valid WebAssembly');
  const sections = readSections(wasm);
  const globals = readVector(sections.get(sectionIds.global));
  const exports = readVector(sections.get(sectionIds.export));
  const imports = readVector(sections.get(sectionIds.import));
  if (exportedNames(exports).includes(fuelExport)) {
    throw unmeterable(`it exports ${fuelExport} itself`);
  }
  const fuel = countImportedGlobals(imports) + globals.count;
  const contentOf = (id: number, content: Uint8Array | undefined) => {
    switch (id) {
      case sectionIds.global:
        return appended(globals, mutableGlobal(initialFuel));
      case sectionIds.export:
        return appended(exports, globalExport(fuelExport, fuel));
      case sectionIds.code:
        return content && meterCode(content, fuelTick(fuel));
      default:
        return content && [content];
    }
  };
  const pieces = [wasm.subarray(0, headerBytes)];
  for (const id of sectionOrder) {
    const content = contentOf(id, sections.get(id));
    if (content !== undefined) pieces.push(...section(id, content));
  }
  return Buffer.concat(pieces);
}

const appended = ({ count, entries }: Vector, entry: Uint8Array): readonly Uint8Array[] => [
  unsigned(count + 1),
  entries,
  entry,
];
