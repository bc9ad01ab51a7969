// What policies read of a shell command: every simple command that could run, and the files and hosts it would reach.

import type { Confidence, Doubt } from './doubts.ts';

/** One program that could run, with the argv it would get. */
export interface SimpleCommand {
  /** Last segment of `path`; '' when it is known only when the line runs. */
  readonly name: string;
  /** argv[0] as the shell will see it; '' when it is known only when the line runs. */
  readonly path: string;
  /** The rest of argv. null: no, one or several words that are known only when the line runs. */
  readonly args: readonly (string | null)[];
  /** Names of the programs that would start it, outermost first: `['sudo', 'timeout']`. */
  readonly wrappers: readonly string[];
  /** Whom it runs as when a wrapper changes that; '' otherwise. */
  readonly user: string;
  /** Names of the variables set for it alone. */
  readonly assigns: readonly string[];
  /** An interpreter whose program is not read here: text from its input, code in an argument, a file. */
  readonly opaque: '' | 'stdin' | 'inline' | 'file';
  readonly background: boolean;
  /** Its input comes from another command. */
  readonly piped: boolean;
}

/**
 * Paths are as written, joined to the `cd` before them. They may be patterns: `*`, `?` and `[…]` stand for text without
 * a slash, `**` for a tree, a leading `~` for a home directory. What is said of a directory may hold of what is in it.
 */
export interface CommandFacts {
  readonly confidence: Confidence;
  readonly commands: readonly SimpleCommand[];
  /** Names of programs and wrappers, each once, in order of appearance. */
  readonly programs: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly deletes: readonly string[];
  /** Names or addresses, without user and port. */
  readonly hosts: readonly string[];
  /** Why confidence is not `static`. */
  readonly doubts: readonly Doubt[];
}
