// Writes what metering adds to a module (WebAssembly Core Specification 2.0, §5.2 to §5.5).

/** A u32 as LEB128, in as few bytes as it needs. */
export function unsigned(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Uint8Array.of(...bytes, rest);
}

/** An i32 as LEB128; not negative. */
function signed(value: number): Uint8Array {
  const bytes = unsigned(value);
  const last = bytes.at(-1) ?? 0;
  // The highest bit that is written is the sign.
  return last < 0x40 ? bytes : Uint8Array.of(...bytes.subarray(0, -1), last + 0x80, 0);
}

/** Takes that much from the global and traps where it falls below zero. */
export function charge(amount: number, global: number): Uint8Array {
  const fuel = unsigned(global);
  // prettier-ignore
  return Uint8Array.of(
    0x23, ...fuel, // global.get
    0x41, ...signed(amount), // i32.const
    0x6b,          // i32.sub
    0x24, ...fuel, // global.set
    0x23, ...fuel, // global.get
    0x41, 0,       // i32.const 0
    0x48,          // i32.lt_s
    0x04, 0x40,    // if, without a result
    0x00,          //   unreachable
    0x0b,          // end
  );
}

/** An entry of the global section: a mutable i32. */
export const mutableGlobal = (initial: number): Uint8Array =>
  Uint8Array.of(0x7f, 0x01, 0x41, ...signed(initial), 0x0b);

/** An entry of the export section. */
export function globalExport(name: string, global: number): Uint8Array {
  const bytes = Buffer.from(name);
  return Uint8Array.of(...unsigned(bytes.length), ...bytes, 0x03, ...unsigned(global));
}

/** A section with its length. */
export function section(id: number, pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [Uint8Array.of(id), unsigned(length), ...pieces];
}
