// Git repositories by HTTP as a web server serves them: `git http-backend` behind CGI (RFC 3875).

import { spawn } from 'node:child_process';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { requiredProgram } from '#lab';

const headEnd = Buffer.from('\r\n\r\n');

/** Whoever asks may read and push: who may is the gateway's to say. @param root Directory of bare repositories. */
export function gitBackend(root: string): RequestListener {
  const git = requiredProgram('git', 'git');
  return (request, response) => {
    const child = spawn(git, ['http-backend'], {
      env: cgiEnvironment(request, root),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    request.pipe(child.stdin);
    relay(child.stdout, response);
  };
}

function cgiEnvironment(request: IncomingMessage, root: string): NodeJS.ProcessEnv {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git');
  const { headers } = request;
  return {
    PATH: process.env['PATH'],
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    REMOTE_USER: 'somebody',
    REQUEST_METHOD: request.method,
    PATH_INFO: decodeURIComponent(pathname),
    QUERY_STRING: search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: headers['content-length'],
    HTTP_CONTENT_ENCODING: headers['content-encoding'],
    HTTP_GIT_PROTOCOL: headers['git-protocol']?.toString(),
  };
}

function relay(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head: Buffer | undefined = Buffer.alloc(0);
  output.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(headEnd);
    if (end < 0) return;
    const fields = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(/: */, 2) as [string, string]);
    const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(
      Number.parseInt(status, 10),
      fields.filter(([name]) => name !== 'Status').flat(),
    );
    response.write(head.subarray(end + headEnd.length));
    head = undefined;
  });
  output.on('end', () => response.end());
}
