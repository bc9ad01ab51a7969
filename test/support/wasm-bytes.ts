// WebAssembly modules from bytes, for what no compiler would write. Binary format: Core Specification 2.0, §5.

export type Bytes = readonly number[];

export const i32 = 0x7f;
export const end = 0x0b;
export const noResult = 0x40;
const functype = 0x60;
export const header: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** LEB128. */
export function unsigned(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a number that is not negative. */
function signed(value: number): Bytes {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >>> 7)];
}

export const sized = (bytes: Bytes, count = bytes.length): Bytes => [...unsigned(count), ...bytes];
export const name = (text: string): Bytes => sized([...Buffer.from(text)]);
export const section = (id: number, items: readonly Bytes[]): Bytes => [
  id,
  ...sized([...unsigned(items.length), ...items.flat()]),
];
/** i32.const */
export const constant = (value: number): Bytes => [0x41, ...signed(value)];

/** A type of 32-bit integers. */
export const signature = (parameters: number, results: number): Bytes => [
  functype,
  ...sized(Array<number>(parameters).fill(i32), parameters),
  ...sized(Array<number>(results).fill(i32), results),
];

/** Every parameter, local and result is an i32. */
export interface SmallFunction {
  readonly parameters?: number;
  readonly results?: number;
  readonly locals?: number;
  /** Without its last `end`. */
  readonly body: Bytes;
}

/**
 * Exports its functions by their numbers. Each has the type of its number and stands in the table at its number; there
 * are a memory of one page, which may grow to ten, and a mutable global.
 */
export function smallModule(...functions: readonly SmallFunction[]): Uint8Array {
  const indices = functions.map((_, index) => unsigned(index));
  return Uint8Array.from([
    ...header,
    ...section(
      1,
      functions.map(({ parameters = 0, results = 0 }) => signature(parameters, results)),
    ),
    ...section(3, indices),
    ...section(4, [[0x70, 0x00, ...unsigned(functions.length)]]),
    ...section(5, [[0x01, 1, 10]]),
    ...section(6, [[i32, 0x01, ...constant(7), end]]),
    ...section(
      7,
      indices.map((index, position) => [...name(String(position)), 0x00, ...index]),
    ),
    ...section(9, [[0x00, ...constant(0), end, ...sized(indices.flat(), indices.length)]]),
    ...section(
      10,
      functions.map(({ locals = 0, body }) => sized([1, ...unsigned(locals), i32, ...body, end])),
    ),
  ]);
}
