// Every payload at six real servers: directly, and behind Sallyport, where none may count a request that was not judged.

import type { BackendName } from './backends.ts';
import { startBackend } from './backends.ts';
import { readAnswers } from './answers.ts';
import { judgedBytes } from './judged.ts';
import type { Addressee, Payload } from './payload.ts';
import { RawClient } from './raw-client.ts';
import { asked, sentinel, unpermitted } from './run.ts';
import { startSallyport } from './subject.ts';

export interface Counted {
  /** Requests that the server logged. */
  readonly requests: number;
  /** Those that were not judged, or would not have been permitted. */
  readonly unjudged: readonly string[];
}

interface Door {
  readonly port: number;
  readonly ca: string | undefined;
  readonly addressee: Addressee;
}

/** Servers wait for the rest of what is cut short; nobody here sends it. */
const patienceMs = 300;

export async function behindSallyport(
  name: BackendName,
  payloads: readonly Payload[],
): Promise<Counted> {
  const backend = await startBackend(name);
  const target = { http: `http://127.0.0.1:${backend.port}`, tls: { insecure_plaintext: true } };
  await using subject = await startSallyport(target);
  for (const payload of payloads) await send(payload, subject);
  const logged = await backend.finish();
  return { requests: logged.length, unjudged: unpermitted(logged, await subject.permitted()) };
}

/** Shows that the payloads bite: what a server counts whom nothing protects. */
export async function directly(name: BackendName, payloads: readonly Payload[]): Promise<Counted> {
  const backend = await startBackend(name);
  const addressee = { host: 'app.localhost', credentials: [] };
  const door = { port: backend.port, ca: undefined, addressee };
  const permitted: string[] = [];
  for (const payload of payloads.filter(({ isHttp2 }) => isHttp2 !== true)) {
    const { sentinels } = await send(payload, door);
    const judged = judgedBytes(payload.bytes(addressee), 'any');
    if (!judged.startsWith('refused')) permitted.push(asked(judged));
    permitted.push(...Array<string>(sentinels).fill('GET /sentinel'));
  }
  const logged = await backend.finish();
  const expected = permitted.map((text) => text.replace(' ', ' any'));
  return { requests: logged.length, unjudged: unpermitted(logged, expected) };
}

/** Answers how often the request behind the payload was sent. */
async function send(payload: Payload, door: Door): Promise<{ readonly sentinels: number }> {
  const isHttp2 = payload.isHttp2 === true;
  using client = await RawClient.open({ ...door, protocol: isHttp2 ? 'h2' : 'http/1.1' });
  const bytes = payload.bytes(door.addressee);
  const methods = [bytes.toString('latin1', 0, bytes.indexOf(' '))];
  client.send(bytes, payload.endsWriting === true);
  const isAnswered = (received: Buffer): boolean =>
    !isHttp2 && readAnswers(received, methods).answers.length > 0;
  await client.until(isAnswered, patienceMs);
  if (isHttp2 || client.isOver) return { sentinels: 0 };
  client.send(sentinel(door.addressee));
  await client.until(() => false, patienceMs);
  return { sentinels: 1 };
}
