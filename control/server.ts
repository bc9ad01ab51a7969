// The control server: authenticates each call by API token, reads a bounded body, answers JSON.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';

import type { Authenticator } from '#engine/identity';
import type { Principal } from '#engine/model';
import { bodyBytesMax } from './protocol.ts';
import type { Reply, RouteContext } from './routes.ts';
import { failure, route } from './routes.ts';
import { listenOnSocket } from './socket.ts';

const requestMilliseconds = 10_000;
const connectionsMax = 64;

export interface ControlOptions extends RouteContext {
  readonly socket: string;
  readonly authenticator: Pick<Authenticator, 'byToken'>;
}

export class ControlServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws ConfigError `state-in-use` when another gateway answers on the socket. */
  static async start(options: ControlOptions): Promise<ControlServer> {
    const server = createServer(
      { requestTimeout: requestMilliseconds, headersTimeout: requestMilliseconds },
      (request, response) => void serve(request, response, options),
    );
    server.maxConnections = connectionsMax;
    await listenOnSocket(server, options.socket);
    return new ControlServer(server);
  }

  /** Ends open calls and removes the socket. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#server.close(() => {
      resolve(undefined);
    });
    this.#server.closeAllConnections();
    await promise;
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: ControlOptions,
): Promise<void> {
  try {
    const { status, body } = await replyTo(request, options);
    const text = `${JSON.stringify(body)}\n`;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(text);
  } catch {
    // The caller went away while its body was read: there is nobody to answer.
    response.destroy();
  }
}

async function replyTo(request: IncomingMessage, options: ControlOptions): Promise<Reply> {
  const caller = callerOf(request, options.authenticator);
  if (caller === undefined) {
    return failure(401, {
      code: 'not-authenticated',
      message: 'the token is missing, unknown or expired',
      hint: 'give an API token with --token-file or in SALLYPORT_TOKEN',
    });
  }
  const body = await readBody(request);
  if (body === undefined) {
    return failure(413, {
      code: 'body-too-large',
      message: `the body has more than ${bodyBytesMax} bytes`,
      hint: 'shorten the note',
    });
  }
  const { method = '', url: path = '' } = request;
  return route({ method, path, caller, body }, options);
}

function callerOf(
  request: IncomingMessage,
  authenticator: Pick<Authenticator, 'byToken'>,
): Principal | undefined {
  const [, token] = /^Bearer ([!-~]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  return token === undefined ? undefined : authenticator.byToken(token)?.principal;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A destroyed request takes its connection with it, and the refusal could not be sent.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
