// What follows an opcode: WebAssembly 1.0 with sign extension, saturating truncation, multiple values and
// reference types (Core Specification 2.0, §5.4). Whatever is not listed cannot be metered and is refused.

import type { BinaryReader } from './reader.ts';
import { unmeterable } from './reader.ts';

export const opcodes = { block: 0x02, loop: 0x03, if: 0x04, end: 0x0b, memoryGrow: 0x40 } as const;

type Immediates = (reader: BinaryReader) => void;

const none: Immediates = () => undefined;
const index: Immediates = (reader) => void reader.unsigned();
const twoIndices: Immediates = (reader) => {
  reader.unsigned();
  reader.unsigned();
};
const labels: Immediates = (reader) => {
  // One more than is counted: the default.
  for (let left = reader.unsigned(); left >= 0; left -= 1) reader.unsigned();
};

/** Numbers and references, each one byte; types of proposals may have more bytes. */
const valueTypes: readonly number[] = [0x7f, 0x7e, 0x7d, 0x7c, 0x70, 0x6f];

export const valueType: Immediates = (reader) => {
  if (!valueTypes.includes(reader.byte())) throw unmeterable('a type is unknown');
};
const severalTypes: Immediates = (reader) => {
  for (let left = reader.unsigned(); left > 0; left -= 1) valueType(reader);
};
const blockType: Immediates = (reader) => {
  const type = reader.signed(33);
  // A negative one is a single byte: that of no type, or of a result's.
  const byte = type + 0x80;
  if (type < 0 && byte !== 0x40 && !valueTypes.includes(byte)) {
    throw unmeterable('a type is unknown');
  }
};
const memoryOperand: Immediates = (reader) => {
  // Larger ones are flags: of another memory, or of an order.
  if (reader.unsigned() > 3) throw unmeterable('an alignment is unknown');
  reader.unsigned();
};
const onlyMemory: Immediates = (reader) => {
  if (reader.byte() !== 0) throw unmeterable('it has several memories');
};
const saturating: Immediates = (reader) => {
  const code = reader.unsigned();
  // Behind them stand the bulk instructions: one lasts as long as its operand says, and no counter sees it.
  if (code > 7) throw unmeterable(`instruction 0xfc ${code} may take any time`);
};

/** First opcode, last opcode, what follows each. */
const instructions: readonly (readonly [number, number, Immediates])[] = [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x04, blockType], // block, loop, if
  [0x05, 0x05, none], // else
  [0x0b, 0x0b, none], // end
  [0x0c, 0x0d, index], // br, br_if
  [0x0e, 0x0e, labels], // br_table
  [0x0f, 0x0f, none], // return
  [0x10, 0x10, index], // call
  [0x11, 0x11, twoIndices], // call_indirect
  [0x1a, 0x1b, none], // drop, select
  [0x1c, 0x1c, severalTypes], // select with a type
  [0x20, 0x26, index], // local.get … table.set
  [0x28, 0x3e, memoryOperand], // i32.load … i64.store32
  [0x3f, 0x40, onlyMemory], // memory.size, memory.grow
  [0x41, 0x41, (reader) => void reader.signed(32)], // i32.const
  [0x42, 0x42, (reader) => void reader.signed(64)], // i64.const
  [0x43, 0x43, (reader) => void reader.take(4)], // f32.const
  [0x44, 0x44, (reader) => void reader.take(8)], // f64.const
  [0x45, 0xc4, none], // i32.eqz … i64.extend32_s
  [0xd0, 0xd0, valueType], // ref.null
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, index], // ref.func
  [0xfc, 0xfc, saturating],
];

const immediatesOf = Array.from(
  { length: 256 },
  (_, opcode) => instructions.find(([first, last]) => first <= opcode && opcode <= last)?.[2],
);

/** Reads one instruction with all that belongs to it and returns its opcode. */
export function readInstruction(reader: BinaryReader): number {
  const opcode = reader.byte();
  const immediates = immediatesOf[opcode];
  if (immediates === undefined) throw unmeterable(`opcode 0x${opcode.toString(16)} is unknown`);
  immediates(reader);
  return opcode;
}
