// nginx as origin server and as reverse proxy, TLS on every hop: the peer that everyone knows, with one worker.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Daemon, Place } from './daemon.ts';
import { startDaemon } from './daemon.ts';
import { peopleJson } from './people.ts';
import { issueServerCertificate, serverName } from './tls.ts';

export interface TlsServer extends Daemon {
  /** PEM file of the authority that signed its certificate. */
  readonly ca: string;
}

/** Where a reverse proxy sends what it gets. */
export interface Upstream {
  readonly port: number;
  readonly ca: string;
}

/** Bodies that the origin serves, by path. */
export const nginxBodies = {
  '/small': Buffer.from(`${JSON.stringify({ text: 'a small body'.padEnd(86, '.') })}\n`),
  '/mb': Buffer.alloc(1024 * 1024, 'one megabyte of text. '),
  '/json': Buffer.from(peopleJson(1000)),
} as const;

const program = { program: 'nginx', debianPackage: 'nginx-light' } as const;
const requestsPerConnection = 1_000_000_000;

/** Serves `nginxBodies` as JSON, `/echo` answers with the method and the target, everything else is 404. */
export async function startNginxOrigin(): Promise<TlsServer> {
  return startNginx(async ({ directory }) => {
    await mkdir(join(directory, 'www'));
    for (const [path, body] of Object.entries(nginxBodies)) {
      await writeFile(join(directory, 'www', path), body);
    }
    return [
      'access_log off;',
      'open_file_cache max=10;',
      'server {',
      ...tlsServerLines,
      `root ${join(directory, 'www')};`,
      'default_type application/json;',
      'location = /echo { return 200 "$request_method $request_uri\\n"; }',
      '}',
    ];
  });
}

/** Verifies the upstream, keeps connections to it, and logs each request, as a gateway that records does. */
export async function startNginxProxy(upstream: Upstream): Promise<TlsServer> {
  return startNginx(({ directory }) => [
    `access_log ${join(directory, 'access.log')} combined;`,
    `upstream origin { server 127.0.0.1:${upstream.port}; keepalive 128; keepalive_requests ${requestsPerConnection}; }`,
    'server {',
    ...tlsServerLines,
    'location / {',
    'proxy_pass https://origin;',
    'proxy_http_version 1.1;',
    'proxy_set_header Connection "";',
    'proxy_set_header Host $http_host;',
    'proxy_max_temp_file_size 0;',
    'proxy_ssl_verify on;',
    `proxy_ssl_name ${serverName};`,
    'proxy_ssl_server_name on;',
    `proxy_ssl_trusted_certificate ${upstream.ca};`,
    '}',
    '}',
  ]);
}

const tlsServerLines = [
  'listen 127.0.0.1:PORT ssl;',
  'ssl_certificate tls/server.crt;',
  'ssl_certificate_key tls/server.key;',
  'ssl_protocols TLSv1.2 TLSv1.3;',
  'ssl_session_cache shared:tls:1m;',
  `keepalive_requests ${requestsPerConnection};`,
];

async function startNginx(
  http: (place: Place) => readonly string[] | Promise<readonly string[]>,
): Promise<TlsServer> {
  const daemon = await startDaemon({
    ...program,
    configure: async (place) => {
      await issueServerCertificate(place.directory);
      const text = configuration(place.directory, await http(place));
      const file = join(place.directory, 'nginx.conf');
      await writeFile(file, text.replaceAll(':PORT', `:${place.port}`));
      return ['-p', place.directory, '-e', 'stderr', '-c', file];
    },
  });
  return { ...daemon, ca: join(daemon.directory, 'tls', 'ca.crt') };
}

/** Under root the worker stays root: as another user it could not enter a private directory. */
function configuration(directory: string, http: readonly string[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'daemon off;',
    'worker_processes 1;',
    `pid ${join(directory, 'nginx.pid')};`,
    'events { worker_connections 4096; }',
    'http {',
    'tcp_nodelay on;',
    'sendfile on;',
    ...temporary.map((name) => `${name}_temp_path ${join(directory, `${name}_temp`)};`),
    ...http,
    '}',
    '',
  ].join('\n');
}
