// The time that a caller gives a gRPC call ("gRPC over HTTP2", Timeout).

const unitMs = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 } as const;
const shape = /^(\d{1,8})([HMSmun])$/;

/** Milliseconds; undefined when the value is not a timeout. */
export function grpcTimeoutMs(value: string): number | undefined {
  const [, digits, unit] = shape.exec(value) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Number(digits) * unitMs[unit as keyof typeof unitMs];
}
