// Logging in with a browser.

export { BrowserLogin } from './browser-login.ts';
export type { BrowserLoginOptions, LoginRequest } from './browser-login.ts';
export { setsLoginCookie, withoutLoginCookies } from './cookies.ts';
export type { LoginResponse } from './login-response.ts';
export type { CookieRequest } from './same-origin.ts';
