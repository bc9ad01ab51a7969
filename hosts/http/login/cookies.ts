// The login's own cookies (RFC 6265 §5.4, and the `__Host-` prefix of its successor): read once or not at all, and
// kept from the target.

import type { HeaderField } from '../upstream/unsigned-request.ts';

export const sessionCookie = '__Host-sallyport';
export const stateCookie = '__Host-sallyport-login';
type CookieName = typeof sessionCookie | typeof stateCookie;

export type CookieValue =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly value: string }
  /** A browser sends one: another was added by somebody, and which is whose must not be guessed. */
  | { readonly kind: 'several' };

export function readCookie(fields: readonly HeaderField[], name: CookieName): CookieValue {
  const pairs = fields
    .filter(([field]) => isCookieField(field))
    .flatMap(([, value]) => value.split(';'))
    .filter((pair) => nameOf(pair) === name.toLowerCase());
  const [pair, ...others] = pairs;
  if (pair === undefined) return { kind: 'none' };
  if (others.length > 0) return { kind: 'several' };
  return { kind: 'one', value: pair.slice(pair.indexOf('=') + 1).trim() };
}

/** All other cookies stay as they are, byte for byte; a field that held no others goes. */
export function withoutLoginCookies(fields: readonly HeaderField[]): readonly HeaderField[] {
  if (!fields.some(([name]) => isCookieField(name))) return fields;
  return fields.flatMap((field): readonly HeaderField[] => {
    const [name, value] = field;
    if (!isCookieField(name)) return [field];
    const pairs = value.split(';');
    const kept = pairs.filter((pair) => !isOwn(nameOf(pair)));
    if (kept.length === pairs.length) return [field];
    const rest = kept.join(';').replace(/^[ \t]+/, '');
    return rest === '' ? [] : [[name, rest]];
  });
}

/** Whether a `Set-Cookie` of the target would put another session in the place of the caller's. */
export function setsLoginCookie(setCookie: string): boolean {
  return isOwn(nameOf(setCookie.split(';', 1)[0] ?? ''));
}

/** `__Host-` is so in any case for browsers, and some servers trim what others do not. */
const nameOf = (pair: string): string => (pair.split('=', 1)[0] ?? '').trim().toLowerCase();

const ownNames: readonly string[] = [sessionCookie.toLowerCase(), stateCookie.toLowerCase()];
const isOwn = (name: string): boolean => ownNames.includes(name);
const isCookieField = (name: string): boolean => name.toLowerCase() === 'cookie';

/** @param secondsMax how long the browser keeps it; until it is closed when left out, not at all with 0 */
export function setCookie(name: CookieName, value: string, secondsMax?: number): HeaderField {
  const age = secondsMax === undefined ? '' : `; Max-Age=${secondsMax}`;
  return ['set-cookie', `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`];
}
