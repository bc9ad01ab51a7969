// Six servers that everyone runs, each as a target: what it counts as requests, by its own log.

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

import type { Daemon, Place } from '#lab';
import { requiredProgram, startDaemon, temporaryDirectory } from '#lab';

export interface Backend {
  readonly port: number;
  /** Stops it; its log, a line a request: method and target. */
  readonly finish: () => Promise<readonly string[]>;
}

interface Kind {
  readonly program: string;
  readonly debianPackage: string;
  /** Writes the configuration and answers the arguments; the server logs to `log`, request lines. */
  readonly configure: (place: Place, log: string) => Promise<readonly string[]>;
  /** For servers that log elsewhere. */
  readonly readLog?: (daemon: Daemon) => Promise<string>;
}

/** Written into the server's directory; answers its path. */
async function file({ directory }: Place, name: string, lines: readonly string[]): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

const kinds = {
  nginx: {
    ...{ program: 'nginx', debianPackage: 'nginx-light' },
    configure: async (place, log) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const path = await file(place, 'nginx.conf', [
        ...(process.getuid?.() === 0 ? ['user root;'] : []),
        `daemon off; worker_processes 1; pid ${place.directory}/pid; events {} http {`,
        ...temporary.map((name) => `${name}_temp_path ${place.directory}/${name};`),
        `log_format request '$request_method $request_uri'; access_log ${log} request;`,
        `server { listen 127.0.0.1:${place.port}; location / { return 200 "ok"; } }`,
        '}',
      ]);
      return ['-p', place.directory, '-e', 'stderr', '-c', path];
    },
  },
  apache: {
    ...{ program: 'apache2', debianPackage: 'apache2' },
    configure: async (place, log) => {
      const modules = ['mpm_event', 'authz_core'];
      const path = await file(place, 'apache.conf', [
        ...[
          `ServerRoot ${place.directory}`,
          `PidFile pid`,
          'ServerName localhost',
          'User www-data',
        ],
        `Listen 127.0.0.1:${place.port}`,
        ...modules.map(
          (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
        ),
        ...['ErrorLog /dev/stderr', 'LogFormat "%r" request', `CustomLog ${log} request`],
        `DocumentRoot ${place.directory}`,
      ]);
      return ['-D', 'FOREGROUND', '-f', path];
    },
  },
  lighttpd: {
    ...{ program: 'lighttpd', debianPackage: 'lighttpd' },
    configure: async (place, log) => {
      const path = await file(place, 'lighttpd.conf', [
        'server.modules = ( "mod_accesslog" )',
        `server.document-root = "${place.directory}"`,
        `server.bind = "127.0.0.1"`,
        `server.port = ${place.port}`,
        `accesslog.filename = "${log}"`,
        'accesslog.format = "%r"',
      ]);
      return ['-D', '-f', path];
    },
  },
  varnish: {
    ...{ program: 'varnishd', debianPackage: 'varnish' },
    configure: async (place) => {
      const path = await file(place, 'default.vcl', [
        'vcl 4.1;',
        'backend default none;',
        'sub vcl_recv { return (synth(200)); }',
      ]);
      const working = join(place.directory, 'work');
      const listen = `127.0.0.1:${place.port}`;
      // Its log cuts lines at 255 bytes, and it refuses more than 64 fields, unless told otherwise.
      const room = ['-p', 'vsl_reclen=12k', '-p', 'http_max_hdr=256', '-s', 'malloc,16m'];
      return ['-F', '-j', 'none', '-n', working, '-a', listen, '-f', path, ...room];
    },
    readLog: async ({ directory }) => {
      const program = requiredProgram('varnishncsa', 'varnish');
      const args = ['-d', '-n', join(directory, 'work'), '-F', '%m %U%q'];
      return (await promisify(execFile)(program, args, { maxBuffer: 16 * 1024 * 1024 })).stdout;
    },
  },
  gunicorn: {
    ...{ program: 'gunicorn', debianPackage: 'gunicorn' },
    configure: async (place, log) => {
      await file(place, 'app.py', [
        'def app(environ, start_response):',
        '    environ["wsgi.input"].read()',
        '    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])',
        '    return [b"ok"]',
      ]);
      const logging = ['--access-logfile', log, '--access-logformat', '%(r)s'];
      const where = ['--chdir', place.directory, '-b', `127.0.0.1:${place.port}`];
      return [...where, '-k', 'gthread', '--threads', '4', ...logging, 'app:app'];
    },
  },
  jetty: {
    ...{ program: 'java', debianPackage: 'jetty9' },
    configure: async (place, log) => {
      const home = '/usr/share/jetty9';
      await mkdir(join(place.directory, 'start.d'));
      await file(place, 'start.d/server.ini', [
        ...['--module=http', '--module=customrequestlog', 'jetty.http.host=127.0.0.1'],
        `jetty.http.port=${place.port}`,
        // Below its own directory, wherever that leads.
        `jetty.requestlog.filePath=${relative(place.directory, log)}`,
        'jetty.requestlog.append=true',
        'jetty.customrequestlog.formatString=%r',
      ]);
      return [
        ...[`-Djetty.home=${home}`, `-Djetty.base=${place.directory}`],
        ...['-jar', join(home, 'start.jar')],
      ];
    },
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type BackendName = keyof typeof kinds;
export const backendNames = Object.keys(kinds) as readonly BackendName[];

export async function startBackend(name: BackendName): Promise<Backend> {
  const kind: Kind = kinds[name];
  const logs = await temporaryDirectory(`sallyport-${name}-log-`);
  const log = join(logs.path, 'requests');
  await writeFile(log, '', { mode: 0o666 });
  const daemon = await startDaemon({
    program: kind.program,
    debianPackage: kind.debianPackage,
    configure: (place) => kind.configure(place, log),
  });
  return {
    port: daemon.port,
    finish: async () => {
      const kept = await kind.readLog?.(daemon);
      await daemon.stop();
      const text = kept ?? (await readFile(log, 'utf8'));
      await logs.remove();
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map((line) => line.split(' ', 2).join(' '));
    },
  };
}
