// Lines that hide what they run from those who read them, with what must be said: a program or path by name, or a doubt.

export interface Attack {
  readonly line: string;
  /** Names of programs, paths or doubts of which all must be among the facts; '!' when any doubt will do. */
  readonly said: string;
}

export const attacks: readonly Attack[] = [];
