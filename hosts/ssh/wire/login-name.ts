// The user name of an SSH login says the target, and the account on it: `deploy@web-1`, or `web-1` alone.

export interface LoginName {
  readonly target: string;
  /** `undefined`: the target's first account. */
  readonly user: string | undefined;
}

const pattern =
  /^(?:(?<user>[A-Za-z0-9_][A-Za-z0-9._-]{0,63})@)?(?<target>[a-z0-9][a-z0-9_-]{0,62})$/;

/** `undefined` for everything else: another alphabet, blanks, control characters, more parts, more length. */
export function readLogin(name: string): LoginName | undefined {
  const { user, target } = pattern.exec(name)?.groups ?? {};
  return target === undefined ? undefined : { target, user };
}
