// How the tour sends HTTP requests: by curl where the machine has it, else by node itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';

import { findProgram } from '#lab';

import type { Person } from './people.ts';
import { billingName } from './workspace.ts';

export interface HttpAsk {
  readonly method: string;
  readonly path: string;
  /** JSON. */
  readonly body?: string;
}

export interface HttpReply {
  readonly status: number;
  readonly text: string;
}

export interface HttpClient {
  readonly name: string;
  readonly port: number;
  readonly ca: string;
  readonly send: (person: Person, ask: HttpAsk) => Promise<HttpReply>;
}

/** curl, unless SALLYPORT_DEMO_CLIENT asks for clients of node. */
export function chooseHttpClient(port: number, ca: string): HttpClient {
  const curl =
    process.env['SALLYPORT_DEMO_CLIENT'] === 'node-postgres' ? null : findProgram('curl');
  const send: HttpClient['send'] =
    curl === null
      ? (person, ask) => sendByNode({ port, ca }, person, ask)
      : (person, ask) => sendByCurl(curl, { port, ca }, person, ask);
  return { name: curl === null ? 'node:https' : 'curl', port, ca, send };
}

interface Way {
  readonly port: number;
  readonly ca: string;
}

const statusLine = '\n%{http_code}';

async function sendByCurl(
  curl: string,
  { port, ca }: Way,
  person: Person,
  { method, path, body }: HttpAsk,
): Promise<HttpReply> {
  // Its token comes by standard input: arguments are seen by every user of the machine.
  const args = [
    ...['--silent', '--show-error', '--cacert', ca, '--header', '@-', '--request', method],
    ...['--resolve', `${billingName}:${port}:127.0.0.1`, '--write-out', statusLine],
    ...(body === undefined ? [] : ['--data', body]),
    `https://${billingName}:${port}${path}`,
  ];
  const child = spawn(curl, ['--disable', ...args], { stdio: 'pipe' });
  const closed = once(child, 'close');
  child.stdin.end(`Authorization: Bearer ${person.token}\nContent-Type: application/json\n`);
  const [shown, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  const end = shown.lastIndexOf('\n');
  const status = Number(shown.slice(end + 1));
  if (status === 0) throw new Error(`curl says: ${complaint.trim()}`);
  return { status, text: shown.slice(0, end).trimEnd() };
}

async function sendByNode(
  { port, ca }: Way,
  person: Person,
  { method, path, body }: HttpAsk,
): Promise<HttpReply> {
  const sent = request({
    ...{ host: '127.0.0.1', servername: billingName, port, method, path },
    ca: readFileSync(ca),
    agent: false,
    headers: {
      host: `${billingName}:${port}`,
      authorization: `Bearer ${person.token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  sent.on('error', reject).on('response', (response) => {
    const status = response.statusCode ?? 0;
    text(response).then((answer) => {
      resolve({ status, text: answer.trimEnd() });
    }, reject);
  });
  sent.end(body);
  return promise;
}
