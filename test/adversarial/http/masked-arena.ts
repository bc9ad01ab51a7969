// A gateway whose policy masks, in front of a target that answers with any bytes; asked over HTTP/1.1 and HTTP/2.

import { connect } from 'node:http2';

import type { RecordingUpstream } from '#lab';
import { startRecordingUpstream } from '#lab';

import type { HttpGateway } from '../../support/http-gateway.ts';
import { HttpGateway as Gateway, httpTarget } from '../../support/http-gateway.ts';
import { readAnswers } from './answers.ts';
import { RawClient } from './raw-client.ts';

export interface MaskedRequest {
  readonly method?: string;
  /** Below `/detect/` values are masked by detectors alone, elsewhere by their names. */
  readonly path?: string;
  /** Names in lower case. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** What a caller got. */
export interface Got {
  /** 0 where there was none. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
  readonly isWhole: boolean;
  /** Everything, with bytes between the pieces of a body left out. */
  readonly all: string;
}

export interface MaskedArena extends AsyncDisposable {
  readonly gateway: HttpGateway;
  readonly upstream: RecordingUpstream;
}

export const versions = ['1.1', '2'] as const;
export type Version = (typeof versions)[number];

export const maskingPolicies = {
  'masks.rego': `package rules.http.masks

import rego.v1

allow contains "everybody may ask"

mask contains {"field": "$..email", "strategy": "fixed"} if {
	not "pii-readers" in input.principal.groups
	not startswith(input.statement.path, "/detect/")
}

mask contains {"detect": "email", "strategy": "fixed"} if {
	not "pii-readers" in input.principal.groups
	startswith(input.statement.path, "/detect/")
}
`,
};

export const maskedPrincipals = {
  ada: { groups: ['engineering'] },
  reader: { groups: ['pii-readers'] },
};

export async function startMaskedArena(): Promise<MaskedArena> {
  const upstream = await startRecordingUpstream();
  const gateway = await Gateway.start({
    targets: { app: httpTarget(upstream) },
    policies: maskingPolicies,
    principals: maskedPrincipals,
  });
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await upstream.stop();
  };
  return { gateway, upstream, [Symbol.asyncDispose]: stop };
}

const patienceMs = 5000;

export const ask = (
  version: Version,
  gateway: HttpGateway,
  request: MaskedRequest,
  principal = 'ada',
): Promise<Got> => (version === '2' ? askHttp2 : askHttp1)(gateway, request, principal);

async function askHttp1(
  gateway: HttpGateway,
  { method = 'GET', path = '/', fields = {} }: MaskedRequest,
  principal: string,
): Promise<Got> {
  using client = await RawClient.open({
    ...{ port: gateway.port, ca: gateway.ca, protocol: 'http/1.1' },
  });
  const all = { ...gateway.headers('app', principal), ...fields };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  client.send(Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'));
  await client.until((bytes) => readAnswers(bytes, [method]).answers.length > 0, patienceMs);
  const text = client.bytes.toString('latin1');
  const [answer] = readAnswers(client.bytes, [method]).answers;
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  const head = text.split('\r\n\r\n', 1)[0] ?? '';
  const body = answer?.body ?? text.slice(head.length + 4).replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, '');
  return { status, head, body, isWhole: answer !== undefined, all: `${text}\n${body}` };
}

async function askHttp2(
  gateway: HttpGateway,
  { method = 'GET', path = '/', fields = {} }: MaskedRequest,
  principal: string,
): Promise<Got> {
  const { Host: authority, ...credentials } = gateway.headers('app', principal);
  const session = connect(`https://127.0.0.1:${gateway.port}`, {
    ca: gateway.ca,
    servername: 'localhost',
  });
  const stream = session.request({
    ...{ ':method': method, ':path': path, ':authority': authority },
    ...{ authorization: credentials['Authorization'], ...fields },
  });
  const heads: object[] = [];
  const body: Buffer[] = [];
  let status = 0;
  const ended = { isWhole: false };
  stream.on('headers', (head: object) => heads.push(head));
  stream.on('trailers', (head: object) => heads.push(head));
  stream.on('response', (head) => {
    status = Number(head[':status']);
    heads.push(head);
  });
  stream.on('data', (chunk: Buffer) => body.push(chunk));
  stream.on('end', () => (ended.isWhole = stream.rstCode === 0)).on('error', () => undefined);
  // A stream that is silent for too long counts as cut, and its case as failed where it should not be.
  stream.setTimeout(patienceMs, () => {
    stream.destroy();
  });
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  stream.on('close', () => {
    resolve(undefined);
  });
  await closed;
  session.destroy();
  const text = Buffer.concat(body).toString('latin1');
  const head = heads.map((each) => JSON.stringify(each)).join('\n');
  const isWhole = ended.isWhole && stream.rstCode === 0;
  return { status, head, body: text, isWhole, all: `${head}\n${text}` };
}
