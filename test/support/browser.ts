// What a browser does in a login: keeps cookies by origin and path, follows redirections, fills in forms. Origins that
// end in `.test` are served by a function, all others over TLS.

import { Agent, request } from 'undici';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Visit {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Answer = Omit<Page, 'url'>;

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

const stepsMax = 20;

export class Browser {
  readonly #agent: Agent;
  readonly #serve: (visit: Visit) => Promise<Answer>;
  readonly #cookies = new Map<string, Cookie[]>();

  constructor(ca: string, serve: (visit: Visit) => Promise<Answer>) {
    this.#agent = new Agent({ connect: { ca } });
    this.#serve = serve;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  cookie(origin: string, name: string): string | undefined {
    return this.#cookies.get(origin)?.find((cookie) => cookie.name === name)?.value;
  }

  setCookie(origin: string, name: string, value: string): void {
    this.#keep(new URL(origin), `${name}=${value}; Path=/`);
  }

  /** One request, without what follows from it. */
  async step(method: string, address: string, form?: string): Promise<Page> {
    const url = new URL(address);
    const cookies = (this.#cookies.get(url.origin) ?? [])
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`);
    const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const headers = { ...(cookies.length > 0 ? { cookie: cookies.join('; ') } : {}), ...type };
    const visit = { method, url, headers, ...(form === undefined ? {} : { body: form }) };
    const answer = await (url.hostname.endsWith('.test') ? this.#serve(visit) : this.#fetch(visit));
    for (const [name, value] of answer.headers) if (name === 'set-cookie') this.#keep(url, value);
    return { ...answer, url: url.href };
  }

  /** Goes on until a page neither redirects nor asks to log in, or until `stop` says so of an address. */
  async open(address: string, login: string, stop?: (url: string) => boolean): Promise<Page> {
    let page = await this.step('GET', address);
    for (let steps = 0; steps < stepsMax; steps += 1) {
      const location = page.headers.find(([name]) => name === 'location')?.[1];
      const action = /<form[^>]* action="([^"]+)"/.exec(page.body)?.[1];
      if (location !== undefined && page.status < 400) {
        const next = new URL(location, page.url).href;
        if (stop?.(next) === true) return { ...page, url: next };
        page = await this.step('GET', next);
      } else if (action !== undefined) {
        const prompt = /name="prompt" value="(\w+)"/.exec(page.body)?.[1] ?? '';
        const form = new URLSearchParams({ prompt, login, password: 'any' });
        page = await this.step('POST', action, form.toString());
      } else return page;
    }
    throw new Error('too many redirections');
  }

  async #fetch({ method, url, headers, body }: Visit): Promise<Answer> {
    const answer = await request(url, {
      dispatcher: this.#agent,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const fields = Object.entries(answer.headers).flatMap(([name, values]) =>
      [values ?? []].flat().map((value) => [name, value] as const),
    );
    return { status: answer.statusCode, headers: fields, body: await answer.body.text() };
  }

  #keep({ origin }: URL, setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split(';').map((part) => part.trim());
    const equals = pair.indexOf('=');
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    const named = (key: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = named('path') ?? '/';
    const others = (this.#cookies.get(origin) ?? []).filter(
      (cookie) => cookie.name !== name || cookie.path !== path,
    );
    const expires = named('expires');
    const gone = named('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= 0);
    this.#cookies.set(origin, gone ? others : [...others, { name, value, path }]);
  }
}
