// The code section (WebAssembly Core Specification 2.0, §5.5.13) with a tick put in at the entry of every function
// and at the head of every loop.

import { opcodes, readInstruction, valueType } from './instructions.ts';
import { BinaryReader, unmeterable } from './reader.ts';
import { unsigned } from './writer.ts';

/** The section's content, in pieces. A tick must leave the stack as it finds it and branch nowhere. */
export function meterCode(section: Uint8Array, tick: Uint8Array): readonly Uint8Array[] {
  const reader = new BinaryReader(section);
  const count = reader.unsigned();
  const pieces = [unsigned(count)];
  for (let left = count; left > 0; left -= 1) {
    const body = reader.take(reader.unsigned());
    const places = tickPlaces(body);
    pieces.push(unsigned(body.length + places.length * tick.length));
    let from = 0;
    for (const place of places) {
      pieces.push(body.subarray(from, place), tick);
      from = place;
    }
    pieces.push(body.subarray(from));
  }
  if (!reader.atEnd) throw unmeterable('bytes follow the last function');
  return pieces;
}

/** Offsets, ascending: behind the declaration of locals, and behind each `loop` with its type. */
function tickPlaces(body: Uint8Array): readonly number[] {
  const reader = new BinaryReader(body);
  for (let left = reader.unsigned(); left > 0; left -= 1) {
    reader.unsigned();
    valueType(reader);
  }
  const places = [reader.position];
  // The body is itself a block, which the last `end` closes.
  for (let depth = 1; depth > 0;) {
    const opcode = readInstruction(reader);
    if (opcode === opcodes.loop) places.push(reader.position);
    if (opcode === opcodes.end) depth -= 1;
    else if (opcode === opcodes.block || opcode === opcodes.loop || opcode === opcodes.if) {
      depth += 1;
    }
  }
  if (!reader.atEnd) throw unmeterable('bytes follow the end of a function');
  return places;
}
