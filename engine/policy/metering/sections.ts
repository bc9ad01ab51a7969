// A module's sections (WebAssembly Core Specification 2.0, §5.5), read as far as metering needs them.

import { valueType } from './instructions.ts';
import { BinaryReader, unmeterable } from './reader.ts';

const custom = 0;
export const sectionIds = { import: 2, global: 6, export: 7, code: 10 } as const;
/** The order of a module, which is not that of the numbers: 12 counts the data before the code uses them. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];
export const headerBytes = 8;

/** By their numbers. Custom ones are left out: what they say of places in the code will not be so any more. */
export function readSections(wasm: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = new BinaryReader(wasm);
  reader.take(headerBytes);
  const sections = new Map<number, Uint8Array>();
  while (!reader.atEnd) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    if (id === custom) continue;
    if (!sectionOrder.includes(id)) throw unmeterable(`section ${id} is unknown`);
    if (sections.has(id)) throw unmeterable(`section ${id} is there twice`);
    sections.set(id, content);
  }
  return sections;
}

export interface Vector {
  readonly count: number;
  readonly entries: Uint8Array;
}

/** A section that is not there has no entries. */
export function readVector(section: Uint8Array | undefined): Vector {
  if (section === undefined) return { count: 0, entries: new Uint8Array() };
  const reader = new BinaryReader(section);
  return { count: reader.unsigned(), entries: section.subarray(reader.position) };
}

const kinds = { function: 0, table: 1, memory: 2, global: 3 } as const;

/** They come before a module's own, so they count for the index of a new one. */
export function countImportedGlobals({ count, entries }: Vector): number {
  const reader = new BinaryReader(entries);
  let globals = 0;
  for (let left = count; left > 0; left -= 1) {
    readName(reader);
    readName(reader);
    const kind = reader.byte();
    if (kind === kinds.global) globals += 1;
    skipImportType(reader, kind);
  }
  if (!reader.atEnd) throw unmeterable('bytes follow the last import');
  return globals;
}

function skipImportType(reader: BinaryReader, kind: number): void {
  switch (kind) {
    case kinds.function:
      reader.unsigned();
      return;
    case kinds.table:
      valueType(reader);
      skipLimits(reader);
      return;
    case kinds.memory:
      skipLimits(reader);
      return;
    case kinds.global:
      valueType(reader);
      reader.byte();
      return;
    default:
      throw unmeterable(`it imports something unknown: ${kind}`);
  }
}

function skipLimits(reader: BinaryReader): void {
  const flags = reader.byte();
  // Others make a memory shared with threads, or larger than 32 bits address.
  if (flags > 1) throw unmeterable('a memory or table is of an unknown kind');
  reader.unsigned();
  if (flags === 1) reader.unsigned();
}

export function exportedNames({ count, entries }: Vector): readonly string[] {
  const reader = new BinaryReader(entries);
  const names = Array.from({ length: count }, () => {
    const name = readName(reader);
    reader.byte();
    reader.unsigned();
    return name;
  });
  if (!reader.atEnd) throw unmeterable('bytes follow the last export');
  return names;
}

const readName = (reader: BinaryReader): string =>
  Buffer.from(reader.take(reader.unsigned())).toString('utf8');
