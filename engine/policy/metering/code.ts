// The code section (WebAssembly Core Specification 2.0, §5.5.13) with charges put in: at the entry of every function,
// at the head of every loop, before every growth of the memory.

import { opcodes, readInstruction, valueType } from './instructions.ts';
import { BinaryReader, unmeterable } from './reader.ts';
import { unsigned } from './writer.ts';

/** Instructions that leave the stack and the locals as they find them and branch nowhere. */
export interface Charges {
  readonly step: Uint8Array;
  readonly growth: Uint8Array;
}

interface Insertion {
  /** Offset in the body. */
  readonly place: number;
  readonly charge: Uint8Array;
}

/** The section's content, in pieces. */
export function meterCode(section: Uint8Array, charges: Charges): readonly Uint8Array[] {
  const reader = new BinaryReader(section);
  const count = reader.unsigned();
  const pieces = [unsigned(count)];
  for (let left = count; left > 0; left -= 1) {
    const body = reader.take(reader.unsigned());
    const insertions = insertionsInto(body, charges);
    pieces.push(unsigned(insertions.reduce((sum, { charge }) => sum + charge.length, body.length)));
    let from = 0;
    for (const { place, charge } of insertions) {
      pieces.push(body.subarray(from, place), charge);
      from = place;
    }
    pieces.push(body.subarray(from));
  }
  if (!reader.atEnd) throw unmeterable('bytes follow the last function');
  return pieces;
}

/** In the order of their places. */
function insertionsInto(body: Uint8Array, { step, growth }: Charges): readonly Insertion[] {
  const reader = new BinaryReader(body);
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    reader.unsigned();
    valueType(reader);
  }
  const insertions: Insertion[] = [{ place: reader.position, charge: step }];
  // The body is itself a block, which the last `end` closes.
  for (let depth = 1; depth > 0;) {
    const start = reader.position;
    switch (readInstruction(reader)) {
      case opcodes.loop:
        insertions.push({ place: reader.position, charge: step });
        depth += 1;
        break;
      case opcodes.block:
      case opcodes.if:
        depth += 1;
        break;
      case opcodes.end:
        depth -= 1;
        break;
      case opcodes.memoryGrow:
        insertions.push({ place: start, charge: growth });
        break;
    }
  }
  if (!reader.atEnd) throw unmeterable('bytes follow the end of a function');
  return insertions;
}
