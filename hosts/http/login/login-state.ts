// A login that has begun: what its callback must match, sealed into a cookie of the browser that began it (AES-256-GCM),
// so that beginning logins takes no memory of the gateway.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface LoginState {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Where to go afterwards, a path of the same host. */
  readonly returnPath: string;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export class LoginStates {
  /** Not kept over restarts: logins that were under way then begin again. */
  readonly #key = randomBytes(32);

  /** @param authority the host that it is for; no other can open it */
  seal(state: LoginState, authority: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(Buffer.from(authority));
    const text = Buffer.concat([cipher.update(JSON.stringify(state)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
  }

  /** `undefined` for what was not sealed here, for another host, or too long ago. */
  open(sealed: string, authority: string, now: number): LoginState | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= nonceBytes + tagBytes) return undefined;
    const nonce = bytes.subarray(0, nonceBytes);
    const decipher = createDecipheriv(algorithm, this.#key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(authority));
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const state = finished(decipher, bytes.subarray(nonceBytes + tagBytes));
    return state !== undefined && state.until > now ? state : undefined;
  }
}

function finished(
  decipher: ReturnType<typeof createDecipheriv>,
  text: Buffer,
): LoginState | undefined {
  let plain: string;
  try {
    plain = Buffer.concat([decipher.update(text), decipher.final()]).toString();
  } catch {
    // Node's only way to say that the tag is false.
    return undefined;
  }
  return JSON.parse(plain) as LoginState;
}

const returnPathCharactersMax = 2048;

/**
 * A path of this host, or `/` for whatever else was asked for: another host, however its name is hidden behind
 * slashes, backslashes or blanks, and the pages of the login itself.
 */
export function safeReturnPath(path: string | undefined): string {
  if (path === undefined || path.length > returnPathCharactersMax) return '/';
  if (!/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(path) || path.startsWith('/.sallyport/')) return '/';
  return path;
}
