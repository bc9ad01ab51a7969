// The little of http-proxy 1.18 that its test uses; it brings no types.

declare module 'http-proxy' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Proxy {
    web(request: IncomingMessage, response: ServerResponse, options: { target: string }): void;
    close(): void;
  }
  const httpProxy: { createProxyServer(options: object): Proxy };
  export default httpProxy;
}
