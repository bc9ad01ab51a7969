// Rewrites a compiled policy so that it can only run as far as its fuel reaches.

import { meterCode } from './code.ts';
import { fuelExport, growthFuel, initialFuel } from './fuel.ts';
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
import { charge, globalExport, mutableGlobal, section, unsigned } from './writer.ts';

/**
 * The same module with a counter, exported as `sallyport_fuel`: one is taken from it at the entry of every function and
 * at the head of every loop, `growthFuel` before every `memory.grow`, and the module traps when it falls below zero.
 * It answers what it answered, since charges leave stack, locals, memory and every index as they are.
 *
 * Why it always ends: an instruction runs twice only behind a branch to a `loop`, which is a loop's head, or a call,
 * which is a function's entry. So each charge pays for one passage through one function at most, the rest of it after
 * a call included, which is bounded by the size of the module. What one instruction takes is bounded too: those that
 * work in proportion to an operand are refused. The module itself cannot fill the counter: its index is the first
 * that a valid module could not name. Imported functions are the host's and are not counted.
 *
 * An exhausted module stays so, whichever export is called, until its host fills the counter.
 *
 * @throws PolicyError `policy-load` for what is invalid, unknown, or exports that name already.
 */
export function meter(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
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
  const charges = { step: charge(1, fuel), growth: charge(growthFuel, fuel) };
  const contentOf = (id: number, content: Uint8Array | undefined) => {
    switch (id) {
      case sectionIds.global:
        return appended(globals, mutableGlobal(initialFuel));
      case sectionIds.export:
        return appended(exports, globalExport(fuelExport, fuel));
      case sectionIds.code:
        return content && meterCode(content, charges);
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
