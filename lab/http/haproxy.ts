// haproxy as reverse proxy, TLS on both hops, with one thread.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { startDaemon } from './daemon.ts';
import type { TlsServer, Upstream } from './nginx.ts';
import { issueServerCertificate, serverName } from './tls.ts';

/** Verifies the upstream, keeps connections to it, and logs each request to its log file. */
export async function startHaproxy(upstream: Upstream): Promise<TlsServer> {
  const daemon = await startDaemon({
    program: 'haproxy',
    debianPackage: 'haproxy',
    configure: async ({ directory, port }) => {
      const { certificate, key } = await issueServerCertificate(directory);
      const pair = join(directory, 'tls', 'pair.pem');
      const parts = await Promise.all([certificate, key].map((file) => readFile(file, 'utf8')));
      await writeFile(pair, parts.join(''), { mode: 0o600 });
      const file = join(directory, 'haproxy.cfg');
      await writeFile(file, configuration({ port, pair, upstream }));
      return ['-db', '-f', file];
    },
  });
  return { ...daemon, ca: join(daemon.directory, 'tls', 'ca.crt') };
}

function configuration(options: {
  readonly port: number;
  readonly pair: string;
  readonly upstream: Upstream;
}): string {
  const { port, pair, upstream } = options;
  return [
    'global',
    '  nbthread 1',
    '  maxconn 4096',
    '  log stdout format raw local0',
    'defaults',
    '  mode http',
    '  log global',
    '  option httplog',
    '  option http-keep-alive',
    '  http-reuse always',
    '  timeout connect 10s',
    '  timeout client 60s',
    '  timeout server 60s',
    'frontend clients',
    `  bind 127.0.0.1:${port} ssl crt ${pair}`,
    '  default_backend origin',
    'backend origin',
    `  server origin 127.0.0.1:${upstream.port} ssl verify required ca-file ${upstream.ca} ` +
      `verifyhost ${serverName} sni str(${serverName}) pool-max-conn -1`,
    '',
  ].join('\n');
}
