// What `fixed` is in types other than text: a value that every client can read as of that type. Types by their oid, as in
// pg_type; values as PostgreSQL "Message Formats" and the types' receive functions have them.

export interface FixedValue {
  readonly text: Buffer;
  readonly binary: Buffer;
}

const fixed = (text: string, binary: Buffer): FixedValue => ({ text: Buffer.from(text), binary });
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);

/** An array without dimensions: their number, no NULLs, the type of the elements. */
function emptyArrayOf(elementType: number): FixedValue {
  const binary = zeros(12);
  binary.writeUInt32BE(elementType, 8);
  return fixed('{}', binary);
}

const scalars: readonly (readonly [type: number, value: FixedValue, array: number])[] = [
  // bool, bytea, int8, int2, int4, oid
  [16, fixed('f', zeros(1)), 1000],
  [17, fixed('\\x', zeros(0)), 1001],
  [20, fixed('0', zeros(8)), 1016],
  [21, fixed('0', zeros(2)), 1005],
  [23, fixed('0', zeros(4)), 1007],
  [26, fixed('0', zeros(4)), 1028],
  // float4, float8, numeric
  [700, fixed('0', zeros(4)), 1021],
  [701, fixed('0', zeros(8)), 1022],
  [1700, fixed('0', zeros(8)), 1231],
  // json, jsonb: the latter begins with its version
  [114, fixed('null', Buffer.from('null')), 199],
  [3802, fixed('null', Buffer.from('\u0001null')), 3807],
  // date, time, timestamp, timestamptz, interval: counted from the year 2000
  [1082, fixed('2000-01-01', zeros(4)), 1182],
  [1083, fixed('00:00:00', zeros(8)), 1183],
  [1114, fixed('2000-01-01 00:00:00', zeros(8)), 1115],
  [1184, fixed('2000-01-01 00:00:00+00', zeros(8)), 1185],
  [1186, fixed('00:00:00', zeros(16)), 1187],
  // uuid
  [2950, fixed('00000000-0000-0000-0000-000000000000', zeros(16)), 2951],
];

/** Arrays of text, varchar and bpchar. */
const textArrays: readonly (readonly [array: number, element: number])[] = [
  [1009, 25],
  [1015, 1043],
  [1014, 1042],
];

/** By type. */
export const fixedValues: ReadonlyMap<number, FixedValue> = new Map([
  ...scalars.map(([type, value]): [number, FixedValue] => [type, value]),
  ...scalars.map(([type, , array]): [number, FixedValue] => [array, emptyArrayOf(type)]),
  ...textArrays.map(([array, element]): [number, FixedValue] => [array, emptyArrayOf(element)]),
]);

/** text, varchar, bpchar: types whose value is its text, in both formats. */
export const textTypes: ReadonlySet<number> = new Set([25, 1043, 1042]);
