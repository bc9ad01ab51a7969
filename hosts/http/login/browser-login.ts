// Logging in with a browser at a target's own host: authorization code with PKCE, state and nonce, then a cookie that
// is good for that host alone. Knows no sockets.

import { randomBytes } from 'node:crypto';

import type { Authenticated, CredentialId, OperatorLog } from '#engine';
import { errorFields } from '#engine';

import type { HeaderField } from '../upstream/unsigned-request.ts';
import { BrowserSessions } from './browser-sessions.ts';
import { readCookie, sessionCookie, setCookie, stateCookie } from './cookies.ts';
import type { IssuerClientOptions, LoggedIn } from './issuer-client.ts';
import { IssuerClient } from './issuer-client.ts';
import type { LoginResponse } from './login-response.ts';
import { redirection, text } from './login-response.ts';
import type { LoginState } from './login-state.ts';
import { LoginStates, safeReturnPath } from './login-state.ts';
import type { CookieRequest } from './same-origin.ts';
import { isForged, originOf } from './same-origin.ts';

const paths = {
  login: '/.sallyport/login',
  callback: '/.sallyport/callback',
  logout: '/.sallyport/logout',
} as const;
const stateSecondsMax = 600;
const hourMs = 60 * 60 * 1000;
const redeemedMax = 20_000;

export interface LoginRequest {
  readonly method: string;
  /** Value of the Host field or of `:authority`: a host that the gateway serves. */
  readonly authority: string;
  readonly path: string;
  /** What follows the question mark; empty when there is none. */
  readonly query: string;
  readonly fields: readonly HeaderField[];
}

export interface BrowserLoginOptions extends IssuerClientOptions {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Sessions that ended before their time: their streams must end. */
  readonly onRevoked: (credentials: ReadonlySet<CredentialId>) => void;
  readonly log: OperatorLog;
}

export class BrowserLogin {
  readonly #options: BrowserLoginOptions;
  readonly #issuer: IssuerClient;
  readonly #states = new LoginStates();
  readonly #sessions: BrowserSessions;
  /** States of logins that succeeded, until they would have run out: each logs in once. */
  readonly #redeemed = new Map<string, number>();

  constructor(options: BrowserLoginOptions) {
    this.#options = options;
    this.#issuer = new IssuerClient(options);
    this.#sessions = new BrowserSessions(options.now);
  }

  /** The answer to a request for one of the login's own pages; `undefined` for all others. Never rejects. */
  async handle(request: LoginRequest): Promise<LoginResponse | undefined> {
    switch (request.path) {
      case paths.login:
        return request.method === 'GET' ? this.#begin(request) : notAllowed('GET');
      case paths.callback:
        return request.method === 'GET' ? this.#finish(request) : notAllowed('GET');
      case paths.logout:
        return request.method === 'POST' ? this.#logout(request) : notAllowed('POST');
      default:
        return undefined;
    }
  }

  /**
   * Who sends the request, by its cookie. `csrf`: the cookie is good, but a page of another host may have made the
   * browser send it. `ambiguous`: it came more than once. Both are to be refused, not taken for nobody.
   */
  authenticate(request: CookieRequest): Authenticated | 'csrf' | 'ambiguous' | undefined {
    const cookie = readCookie(request.fields, sessionCookie);
    switch (cookie.kind) {
      case 'none':
        return undefined;
      case 'several':
        return 'ambiguous';
      case 'one': {
        const found = this.#sessions.find(cookie.value, originOf(request.authority));
        return found !== undefined && isForged(request) ? 'csrf' : found;
      }
    }
  }

  /** Sends a browser to log in and then to the path, with its query, that it asked for. */
  loginRedirect(authority: string, returnPath: string): LoginResponse {
    const path = encodeURIComponent(safeReturnPath(returnPath));
    return redirection(`${originOf(authority)}${paths.login}?return=${path}`);
  }

  async #begin({ authority, query }: LoginRequest): Promise<LoginResponse> {
    const asked = new URLSearchParams(query).getAll('return');
    const state: LoginState = {
      ...{ state: randomText(), nonce: randomText(), codeVerifier: randomText() },
      returnPath: safeReturnPath(asked.length === 1 ? asked[0] : undefined),
      until: this.#options.now() + stateSecondsMax * 1000,
    };
    const origin = originOf(authority);
    let location: string;
    try {
      location = await this.#issuer.authorizationUrl(state, `${origin}${paths.callback}`);
    } catch (error) {
      this.#options.log('login-failed', errorFields(error));
      return text(502, 'The login does not answer. Try again later.');
    }
    const sealed = this.#states.seal(state, origin);
    return redirection(location, [setCookie(stateCookie, sealed, stateSecondsMax)]);
  }

  async #finish({ authority, query, fields }: LoginRequest): Promise<LoginResponse> {
    const origin = originOf(authority);
    const cookie = readCookie(fields, stateCookie);
    const { now, log } = this.#options;
    const state =
      cookie.kind === 'one' ? this.#states.open(cookie.value, origin, now()) : undefined;
    if (state === undefined || this.#redeemed.has(state.state)) return this.#again();
    let found: LoggedIn | undefined;
    try {
      found = await this.#issuer.redeem(new URL(`${origin}${paths.callback}?${query}`), state);
    } catch (error) {
      log('login-failed', errorFields(error));
      return this.#again();
    }
    if (found === undefined) {
      log('login-failed', { error: 'the ID token does not name a principal' });
      return text(403, 'You have logged in, but are nobody here.', [setCookie(stateCookie, '', 0)]);
    }
    return this.#welcome(found, { state, origin, fields });
  }

  #welcome(
    { principal, expiresAt }: LoggedIn,
    way: Pick<LoginRequest, 'fields'> & { readonly state: LoginState; readonly origin: string },
  ): LoginResponse {
    const { state, origin, fields } = way;
    const { now, login, onRevoked, log } = this.#options;
    if (!this.#redeem(state)) return this.#again();
    const until = Math.min(expiresAt, now() + login.sessionHours * hourMs);
    const opened = this.#sessions.open(principal, origin, until);
    if (opened === undefined) return text(503, 'Too many people are logged in. Try again later.');
    this.#endPresented(fields, origin);
    if (opened.ended.size > 0) onRevoked(opened.ended);
    log('logged-in', { principal: principal.id, origin });
    return redirection(`${origin}${state.returnPath}`, [
      setCookie(sessionCookie, opened.value),
      setCookie(stateCookie, '', 0),
    ]);
  }

  /** False for a state that has logged in before, also while this one was waiting for the issuer. */
  #redeem({ state, until }: LoginState): boolean {
    const now = this.#options.now();
    for (const [other, end] of this.#redeemed) if (end <= now) this.#redeemed.delete(other);
    if (this.#redeemed.has(state) || this.#redeemed.size >= redeemedMax) return false;
    this.#redeemed.set(state, until);
    return true;
  }

  #logout(request: LoginRequest): LoginResponse {
    if (isForged({ ...request, upgrade: false })) return text(403, 'Log out from a page of here.');
    this.#endPresented(request.fields, originOf(request.authority));
    return text(200, 'You are logged out.', [setCookie(sessionCookie, '', 0)]);
  }

  #endPresented(fields: readonly HeaderField[], origin: string): void {
    const cookie = readCookie(fields, sessionCookie);
    const ended = cookie.kind === 'one' ? this.#sessions.end(cookie.value, origin) : undefined;
    if (ended !== undefined) this.#options.onRevoked(new Set([ended]));
  }

  #again(): LoginResponse {
    return text(400, `This login is over or is not yours. Begin again: ${paths.login}`, [
      setCookie(stateCookie, '', 0),
    ]);
  }
}

/** 256 bits; base64url is in the alphabet of code verifiers (RFC 7636 §4.1). */
const randomText = (): string => randomBytes(32).toString('base64url');

const notAllowed = (allow: string): LoginResponse =>
  text(405, `This page takes ${allow} only.`, [['allow', allow]]);
