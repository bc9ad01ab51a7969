// Which method a gRPC request calls ("gRPC over HTTP2", Path).

export interface GrpcMethod {
  /** With its package: `shop.v1.Orders`. */
  readonly service: string;
  readonly method: string;
}

/** Names as protocol buffers spell them: what another server could read as another path is no call. */
const shape = /^\/([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\/([A-Za-z_]\w*)$/;

/** Undefined when the path names no method. */
export function grpcPath(path: string): GrpcMethod | undefined {
  const [, service, method] = shape.exec(path) ?? [];
  return service === undefined || method === undefined ? undefined : { service, method };
}
