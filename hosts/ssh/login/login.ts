// The login of one connection: attempts under one name until one of them says who is calling. Nothing about an answer
// depends on the name, so it tells neither accounts nor targets.

import type { Authenticated } from '#engine';

import type { Dialog, LoginAnswer, LoginAttempt, LoginMethod } from '../guard/index.ts';
import { readLogin } from '../wire/index.ts';
import type { Caller } from './caller.ts';
import { allPermits } from './caller.ts';
import type { Judged, KeyAttempt, KeyHolders, LoginRule } from './key-login.ts';
import { judgeKey } from './key-login.ts';

export interface TokenHolders {
  /** Never rejects. */
  readonly byBearer: (token: string) => Promise<Authenticated | undefined>;
}

/** Asks the identity provider for somebody whose browser is elsewhere. */
export interface DeviceLogin {
  /** Never rejects. */
  readonly ask: (dialog: Dialog) => Promise<DeviceOutcome>;
}

export type DeviceOutcome =
  | { readonly kind: 'authenticated'; readonly authenticated: Authenticated }
  /** Typed where the code was shown, by whom the dialog is in the way. */
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly rule: LoginRule };

export interface LoginOptions {
  readonly holders: KeyHolders & TokenHolders;
  readonly device: DeviceLogin | undefined;
  /** IP address from which the caller comes. */
  readonly client: string;
  /** Told of each refusal but those to questions. */
  readonly onRefused: (rule: LoginRule) => void;
}

/** Longer than any token of an issuer. */
const passwordMax = 16 * 1024;

export class Login {
  readonly #options: LoginOptions;
  readonly #methods: readonly LoginMethod[];
  #username: string | undefined;
  #caller: Caller | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
    const dialog = options.device === undefined ? [] : (['keyboard-interactive'] as const);
    this.#methods = ['publickey', ...dialog, 'password'];
  }

  /** Who it is, once an attempt was accepted. */
  get caller(): Caller | undefined {
    return this.#caller;
  }

  /** One at a time. */
  async attempt(attempt: LoginAttempt): Promise<LoginAnswer> {
    this.#username ??= attempt.username;
    // What was proven under one name must not open a session under another (RFC 4252 §5).
    if (attempt.username !== this.#username || this.#caller !== undefined) {
      return this.#refuse('name-changed');
    }
    switch (attempt.kind) {
      case 'none':
        return this.#refusal();
      case 'key-query': {
        const judged = this.#judgeKey(attempt);
        return judged.kind === 'known' ? { kind: 'key-known' } : this.#refusal();
      }
      case 'key':
        return this.#answer(this.#judgeKey(attempt));
      case 'password':
        return this.#answer(await this.#judgeToken(attempt.password));
      case 'dialog':
        return this.#answer(await this.#judgeDialog(attempt.dialog));
    }
  }

  #judgeKey(attempt: KeyAttempt): Judged {
    const { holders, client } = this.#options;
    return judgeKey(attempt, holders, client);
  }

  async #judgeToken(token: string): Promise<Judged> {
    const { holders } = this.#options;
    const found = token.length > passwordMax ? undefined : await holders.byBearer(token);
    if (found === undefined) return { kind: 'refused', rule: 'token-unknown' };
    return known(found, 'token');
  }

  async #judgeDialog(dialog: Dialog): Promise<Judged> {
    const outcome = await this.#options.device?.ask(dialog);
    switch (outcome?.kind) {
      case undefined:
        return { kind: 'refused', rule: 'dialog-unavailable' };
      case 'token':
        return this.#judgeToken(outcome.token);
      case 'authenticated':
        return known(outcome.authenticated, 'device');
      case 'refused':
        return outcome;
    }
  }

  #answer(judged: Judged): LoginAnswer {
    if (judged.kind === 'refused') return this.#refuse(judged.rule);
    this.#caller = { ...judged.known, name: readLogin(this.#username ?? '') };
    return { kind: 'accepted' };
  }

  #refuse(rule: LoginRule): LoginAnswer {
    this.#options.onRefused(rule);
    return this.#refusal();
  }

  #refusal(): LoginAnswer {
    return { kind: 'refused', methods: this.#methods, partial: false };
  }
}

const known = (authenticated: Authenticated, kind: 'token' | 'device'): Judged => ({
  kind: 'known',
  known: { authenticated, proof: { kind }, permits: allPermits },
});
