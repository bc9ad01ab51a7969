// The issuer as the login sees it (OpenID Connect Core §3.1, RFC 7636): where to send the browser, and whom it brings back.

import { decodeProtectedHeader } from 'jose';
import * as client from 'openid-client';

import type { Principal, Secret } from '#engine';
import type { LoginConfig, OidcConfig } from '#engine/config';
import type { IssuerFetch } from '#engine/identity';
import { principalOf, tokenAlgorithms } from '#engine/identity';

import type { LoginState } from './login-state.ts';

const skewSeconds = 30;

export interface IssuerClientOptions {
  readonly oidc: OidcConfig;
  readonly login: LoginConfig;
  readonly secret: Secret;
  readonly fetch: IssuerFetch['fetch'];
}

export interface LoggedIn {
  readonly principal: Principal;
  /** End of the ID token, milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

export class IssuerClient {
  readonly #options: IssuerClientOptions;
  #configuration: Promise<client.Configuration> | undefined;

  constructor(options: IssuerClientOptions) {
    this.#options = options;
  }

  /** @throws what `openid-client` and the issuer's connection throw */
  async authorizationUrl(state: LoginState, redirectUri: string): Promise<string> {
    const configuration = await this.#configured();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.#options.login.scopes.join(' '),
      state: state.state,
      nonce: state.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(state.codeVerifier),
      code_challenge_method: 'S256',
    });
    return url.href;
  }

  /**
   * Redeems the code that the browser brought. Nobody when the ID token lacks what names a principal.
   *
   * @throws what `openid-client` and the issuer's connection throw
   */
  async redeem(callback: URL, state: LoginState): Promise<LoggedIn | undefined> {
    const tokens = await client.authorizationCodeGrant(await this.#configured(), callback, {
      ...{ expectedState: state.state, expectedNonce: state.nonce, idTokenExpected: true },
      pkceCodeVerifier: state.codeVerifier,
    });
    const claims = tokens.claims();
    if (claims === undefined || tokens.id_token === undefined) return undefined;
    const { alg = '' } = decodeProtectedHeader(tokens.id_token);
    const principal = principalOf(claims, this.#options.oidc);
    if (!tokenAlgorithms.includes(alg) || principal === undefined) return undefined;
    return { principal, expiresAt: claims.exp * 1000 };
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
    const { oidc, login, secret, fetch } = this.#options;
    return client.discovery(
      new URL(oidc.issuer),
      login.clientId,
      { [client.clockTolerance]: skewSeconds },
      client.ClientSecretBasic(secret.reveal()),
      // Signatures are verified although the token comes from the issuer itself.
      { [client.customFetch]: fetch, execute: [client.enableNonRepudiationChecks] },
    );
  }
}
