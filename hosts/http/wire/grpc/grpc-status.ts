// How a gRPC call ends ("gRPC over HTTP2", Status and Status-Message; "HTTP to gRPC Status Code Mapping").

export const grpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export const statusMax = 16;

/** Names and values in turn. */
export type RawFields = readonly string[];

/** Percent-encodes what is not printable ASCII, and the percent sign itself. */
export function encodeGrpcMessage(message: string): string {
  const bytes = Buffer.from(message, 'utf8');
  let encoded = '';
  for (const byte of bytes) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    encoded += isPlain ? String.fromCharCode(byte) : `%${hex}`;
  }
  return encoded;
}

/** The status among trailers; undefined unless there is exactly one, in its only spelling. */
export function statusOf(fields: RawFields): number | undefined {
  const values = fields.filter((_, at) => at % 2 === 1 && fields[at - 1] === 'grpc-status');
  const [value] = values;
  if (values.length !== 1 || value === undefined || !/^(?:0|[1-9]\d?)$/.test(value))
    return undefined;
  const status = Number(value);
  return status <= statusMax ? status : undefined;
}

/** What a caller is told when something that is no gRPC server answered. */
export function statusOfHttp(status: number): number {
  switch (status) {
    case 401:
      return grpcStatus.unauthenticated;
    case 403:
      return grpcStatus.permissionDenied;
    case 404:
      return grpcStatus.unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return grpcStatus.unavailable;
    default:
      return grpcStatus.unknown;
  }
}

export const isGrpcType = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/grpc(?:$|[+;])/.test(contentType);
