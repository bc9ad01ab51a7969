// What the process says by its exit code; documented in docs/reference/cli.md.

export const exitCodes = {
  ok: 0,
  /** The command did its work and found something wrong, or was refused. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** `eval`: the two evaluators disagree, so neither answer may be trusted. */
  disagreement: 3,
  /** `eval`: the strictest verdict. */
  deny: 10,
  hold: 11,
  /** No gateway answers on the control socket. */
  unreachable: 69,
  /** A fault of sallyport itself. */
  internal: 70,
  /** A second signal ended `up` before its sessions had. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
