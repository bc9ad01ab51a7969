// Who is attacked: Sallyport, or a proxy that everyone knows, between a caller and the recording upstream.

import { readFile } from 'node:fs/promises';

import { listRecordings, readRecording } from '#engine/recording';
import type { RecordingUpstream } from '#lab';
import { startHaproxy, startNginxProxy } from '#lab';

import { HttpGateway, httpTarget } from '../../support/http-gateway.ts';
import type { Addressee } from './payload.ts';

export const subjectNames = ['sallyport', 'nginx', 'haproxy'] as const;
export type SubjectName = (typeof subjectNames)[number];

export interface Subject extends AsyncDisposable {
  readonly name: SubjectName;
  readonly port: number;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  readonly addressee: Addressee;
  /** What was recorded as permitted, as `METHOD authority/path?query`; none of proxies, which judge nothing. */
  readonly permitted: () => Promise<readonly string[]>;
}

const host = 'app.localhost';

export async function startSubject(
  name: SubjectName,
  upstream: RecordingUpstream,
): Promise<Subject> {
  if (name === 'sallyport') return startSallyport(httpTarget(upstream));
  const proxy = await (name === 'nginx' ? startNginxProxy : startHaproxy)(upstream);
  return {
    name,
    port: proxy.port,
    ca: await readFile(proxy.ca, 'utf8'),
    addressee: { host, credentials: [] },
    permitted: () => Promise.resolve([]),
    [Symbol.asyncDispose]: proxy.stop,
  };
}

/** @param target As in sallyport.yaml. */
export async function startSallyport(target: object): Promise<Subject> {
  const gateway = await HttpGateway.start({ targets: { app: target } });
  return {
    name: 'sallyport',
    port: gateway.port,
    ca: gateway.ca,
    addressee: { host, credentials: [`Authorization: Bearer ${gateway.token()}`] },
    permitted: () => permittedIn(gateway.recordings),
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}

async function permittedIn(recordings: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const { file } of await listRecordings(recordings)) {
    for await (const entry of readRecording(file)) {
      const { type, verdict, text } = entry;
      if (type === 'statement' && verdict === 'allow' && typeof text === 'string') texts.push(text);
    }
  }
  return texts;
}
