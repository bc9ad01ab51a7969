// A small HTTP/1.1 origin in this process, for the demo and for tests: known bodies, personal data, streams, an echo.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import type { CertificateFiles } from '../certificates.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { respond } from './origin-routes.ts';
import { issueServerCertificate } from './tls.ts';

export interface OriginOptions {
  /** TLS with a certificate of its own unless given; `false` is plain HTTP. */
  readonly tls?: CertificateFiles | false;
  /** A free one unless given. */
  readonly port?: number;
  /** Answers instead of the lab's own paths. */
  readonly respond?: RequestListener;
  /** Called for each request's head. */
  readonly onRequest?: (request: IncomingMessage) => void;
}

export interface Origin extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** `https://127.0.0.1:…` */
  readonly url: string;
  /** PEM file of the authority that signed its certificate; empty for plain HTTP. */
  readonly ca: string;
  /** The server itself, to add an `upgrade` listener or to count connections. */
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

export async function startOrigin(options: OriginOptions = {}): Promise<Origin> {
  const { tls, port = 0, onRequest, respond: listener = respond } = options;
  const directory = await temporaryDirectory('sallyport-origin-');
  const files = tls ?? (await issueServerCertificate(directory.path));
  const server = await createOrigin(files, (request, response) => {
    onRequest?.(request);
    listener(request, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  const stop = async (): Promise<void> => {
    if (server.listening) {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }
    await directory.remove();
  };
  return {
    host: '127.0.0.1',
    port: address.port,
    url: `${files === false ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    ca: files === false ? '' : files.ca,
    server,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A stand-in for servers that know nothing of deadlines: it waits for slow requests as long as they take. */
async function createOrigin(
  files: CertificateFiles | false,
  listener: RequestListener,
): Promise<Server> {
  const patient = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 60_000 };
  if (files === false) return createServer(patient, listener);
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
  return createTlsServer({ ...patient, cert, key }, listener);
}
