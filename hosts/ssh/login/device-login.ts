// People whose client is a terminal log in with a browser elsewhere: they are shown an address and a code (RFC 8628) in a
// dialog (RFC 4256), and come back with Enter.

import { randomUUID } from 'node:crypto';

import { decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';

import type { Authenticated, Secret } from '#engine';
import type { DeviceConfig, OidcConfig } from '#engine/config';
import type { IssuerFetch } from '#engine/identity';
import { principalOf, tokenAlgorithms } from '#engine/identity';

import type { Dialog } from '../guard/index.ts';
import type { DeviceLogin, DeviceOutcome } from './login.ts';

export interface DeviceLoginOptions {
  readonly oidc: OidcConfig;
  readonly device: DeviceConfig;
  /** A client without one is public. */
  readonly secret: Secret | undefined;
  readonly fetch: IssuerFetch['fetch'];
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** How long somebody may take. */
  readonly secondsMax: number;
  /** What the issuer, or the connection to it, did wrong. */
  readonly onFailure: (error: unknown) => void;
}

const skewSeconds = 30;
/** Each makes the issuer be asked every few seconds, by people who have not said who they are. */
const dialogsMax = 64;

export class DeviceLogins implements DeviceLogin {
  readonly #options: DeviceLoginOptions;
  #configuration: Promise<client.Configuration> | undefined;
  #dialogs = 0;

  constructor(options: DeviceLoginOptions) {
    this.#options = options;
  }

  async ask(dialog: Dialog): Promise<DeviceOutcome> {
    if (this.#dialogs >= dialogsMax) return { kind: 'refused', rule: 'dialog-unavailable' };
    this.#dialogs += 1;
    const giveUp = new AbortController();
    const timeout = AbortSignal.timeout(this.#options.secondsMax * 1000);
    try {
      return await this.#converse(dialog, AbortSignal.any([giveUp.signal, timeout]));
    } catch (error) {
      this.#options.onFailure(error);
      return { kind: 'refused', rule: 'dialog-unavailable' };
    } finally {
      giveUp.abort();
      this.#dialogs -= 1;
    }
  }

  async #converse(dialog: Dialog, signal: AbortSignal): Promise<DeviceOutcome> {
    const configuration = await this.#configured();
    const { scopes } = this.#options.device;
    const asked = await client.initiateDeviceAuthorization(configuration, {
      scope: scopes.join(' '),
    });
    // Begun at once: who comes back with Enter has then mostly waited long enough already.
    const polled = this.#poll(configuration, asked, signal);
    const answers = await dialog.ask({
      title: '',
      instruction: instructionOf(asked),
      prompts: [{ text: 'Press Enter when that is done, or enter an API token: ', echo: false }],
    });
    if (answers === undefined) return { kind: 'refused', rule: 'dialog-given-up' };
    const [token = ''] = answers;
    if (token !== '') return { kind: 'token', token };
    return Promise.race([polled, ended(signal)]);
  }

  /** Never rejects. */
  async #poll(
    configuration: client.Configuration,
    asked: client.DeviceAuthorizationResponse,
    signal: AbortSignal,
  ): Promise<DeviceOutcome> {
    try {
      const options = { signal };
      const tokens = await client.pollDeviceAuthorizationGrant(configuration, asked, {}, options);
      const authenticated = this.#authenticated(tokens);
      if (authenticated !== undefined) return { kind: 'authenticated', authenticated };
    } catch (error) {
      const isAnswer = error instanceof client.ResponseBodyError;
      if (!isAnswer && !signal.aborted) this.#options.onFailure(error);
    }
    return { kind: 'refused', rule: 'device-refused' };
  }

  /** Nobody when the ID token lacks what names a principal. */
  #authenticated(
    tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  ): Authenticated | undefined {
    const { oidc, device, now } = this.#options;
    const claims = tokens.claims();
    if (claims === undefined || tokens.id_token === undefined) return undefined;
    const { alg = '' } = decodeProtectedHeader(tokens.id_token);
    const principal = principalOf(claims, oidc);
    if (!tokenAlgorithms.includes(alg) || principal === undefined) return undefined;
    const latest = now() + device.sessionHours * 3_600_000;
    return {
      principal,
      credential: `device:${randomUUID()}`,
      expiresAt: Math.min(claims.exp * 1000, latest),
    };
  }

  /** Found out once; after a failure anew. */
  #configured(): Promise<client.Configuration> {
    this.#configuration ??= this.#discover().catch((error: unknown) => {
      this.#configuration = undefined;
      throw error;
    });
    return this.#configuration;
  }

  #discover(): Promise<client.Configuration> {
    const { oidc, device, secret, fetch } = this.#options;
    const proof = secret === undefined ? client.None() : client.ClientSecretBasic(secret.reveal());
    return client.discovery(
      new URL(oidc.issuer),
      device.clientId,
      { [client.clockTolerance]: skewSeconds },
      proof,
      // Signatures are verified although the token comes from the issuer itself.
      { [client.customFetch]: fetch, execute: [client.enableNonRepudiationChecks] },
    );
  }
}

/** The library looks at its signal only when it is to ask again. */
function ended(signal: AbortSignal): Promise<DeviceOutcome> {
  const { promise, resolve } = Promise.withResolvers<DeviceOutcome>();
  const refuse = (): void => {
    resolve({ kind: 'refused', rule: 'device-refused' });
  };
  if (signal.aborted) refuse();
  else signal.addEventListener('abort', refuse, { once: true });
  return promise;
}

/** What the issuer says goes to a terminal: anything but an address and a code would be for that terminal to obey. */
function instructionOf(asked: client.DeviceAuthorizationResponse): string {
  const { user_code: code, verification_uri: address } = asked;
  if (!/^https:\/\/[!-~]{1,500}$/.test(address) || !/^[A-Za-z0-9 -]{1,64}$/.test(code)) {
    throw new Error('the issuer gave no code that can be shown');
  }
  return `To log in, open\n    ${address}\nand enter the code\n    ${code}\n`;
}
