// Requests to the issuer: over verified TLS, bounded in time and size, never redirected.

import { readFileSync } from 'node:fs';

import { Agent, request } from 'undici';

import { ConfigError, UpstreamError } from '../model/index.ts';

const timeoutMs = 5_000;
const answerBytesMax = 512 * 1024;
const connectionsMax = 4;
/** After a failure nothing is tried for this long, however many tokens arrive. */
const pauseMs = 5_000;

/** As `jose` and `openid-client` call it. */
export interface IssuerRequest {
  readonly method?: string;
  readonly headers?: Headers | Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface IssuerFetchOptions {
  /** PEM file; the system's authorities when left out. */
  readonly ca: string | undefined;
  /** Told once for each pause that a failure begins. */
  readonly onFailure: (error: UpstreamError) => void;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
}

export class IssuerFetch {
  readonly #agent: Agent;
  readonly #options: IssuerFetchOptions;
  #failedAt = -Infinity;

  /** @throws ConfigError when the authorities cannot be read */
  constructor(options: IssuerFetchOptions) {
    this.#options = options;
    this.#agent = new Agent({
      connections: connectionsMax,
      maxResponseSize: answerBytesMax,
      ...{ headersTimeout: timeoutMs, bodyTimeout: timeoutMs },
      connect: { timeout: timeoutMs, ...authorities(options.ca) },
    });
  }

  /**
   * A redirection comes back as what it is; whoever asks takes only 200.
   *
   * @throws UpstreamError `upstream-unreachable`
   */
  readonly fetch = (url: string, options: IssuerRequest = {}): Promise<Response> =>
    this.#paused(url, () => this.#request(new URL(url), options));

  /**
   * The same for a document that must be there and be JSON.
   *
   * @throws UpstreamError `upstream-unreachable`
   */
  readonly document = (url: string, options: IssuerRequest = {}): Promise<Response> =>
    this.#paused(url, async () => {
      const answer = await this.#request(new URL(url), options);
      if (answer.status !== 200) throw new Error(`it answered with status ${answer.status}`);
      await answer.clone().json();
      return answer;
    });

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #paused(url: string, ask: () => Promise<Response>): Promise<Response> {
    const { now, onFailure } = this.#options;
    if (now() - this.#failedAt < pauseMs) throw unreachable(url, 'it failed a moment ago');
    try {
      return await ask();
    } catch (cause) {
      const failure = unreachable(url, cause instanceof Error ? cause.message : 'no answer', cause);
      // Requests that failed together are one failure.
      if (now() - this.#failedAt >= pauseMs) {
        this.#failedAt = now();
        onFailure(failure);
      }
      throw failure;
    }
  }

  async #request(url: URL, { method = 'GET', headers = {}, body }: IssuerRequest) {
    if (url.protocol !== 'https:') throw new Error('it is not an https URL');
    const { statusCode, ...answer } = await request(url, {
      dispatcher: this.#agent,
      method: method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(new Headers(headers)),
      ...(body === undefined || body === null ? {} : { body: formOf(body) }),
      // Bounds the whole exchange; the agent's own times begin anew with each byte.
      signal: AbortSignal.timeout(timeoutMs),
    });
    const bytes = await answer.body.bytes();
    const bare = statusCode === 204 || statusCode === 205 || statusCode === 304;
    return new Response(bare ? null : Buffer.from(bytes), {
      status: statusCode,
      headers: fieldsOf(answer.headers),
    });
  }
}

/** `openid-client` sends forms. */
function formOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new Error('only forms are sent to the issuer');
}

function fieldsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const fields = new Headers();
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) fields.append(name, value);
  }
  return fields;
}

function authorities(ca: string | undefined): { readonly ca?: string } {
  if (ca === undefined) return {};
  try {
    return { ca: readFileSync(ca, 'utf8') };
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${ca}: cannot be read`, { cause });
  }
}

const unreachable = (url: string, why: string, cause?: unknown): UpstreamError =>
  new UpstreamError('upstream-unreachable', `no answer from the issuer at ${url}: ${why}`, {
    cause,
  });
