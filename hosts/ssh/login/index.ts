// Who is calling over SSH.

export type { Caller, LoginProof, Permit } from './caller.ts';
export type { KeyHolders, LoginRule } from './key-login.ts';
export { DeviceLogins } from './device-login.ts';
export type { DeviceLoginOptions } from './device-login.ts';
export { Login } from './login.ts';
export type { DeviceLogin, DeviceOutcome, LoginOptions, TokenHolders } from './login.ts';
