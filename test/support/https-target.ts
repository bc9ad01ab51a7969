// An HTTPS server of the test's own behind a gateway: it does with requests and sockets what the test says.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { issueServerCertificate, temporaryDirectory } from '#lab';

export interface HttpsTarget extends AsyncDisposable {
  /** On 127.0.0.1; its certificate is for localhost and names below it. */
  readonly port: number;
  /** PEM file of the authority that signed its certificate. */
  readonly ca: string;
  /** To add an `upgrade` listener, or to look at connections. */
  readonly server: Server;
}

export async function startHttpsTarget(answer: RequestListener): Promise<HttpsTarget> {
  const directory = await temporaryDirectory('sallyport-https-target-');
  const files = await issueServerCertificate(directory.path);
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)]);
  const server = createServer({ cert, key }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    ca: files.ca,
    server,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await directory.remove();
    },
  };
}
