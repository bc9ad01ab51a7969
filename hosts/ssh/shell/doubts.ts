// Why a line is not `static`: a closed list, which docs/reference/ssh-commands.md explains to authors of policies.

/**
 * static: nothing but what is listed is run, written, deleted or reached by the line itself.
 * dynamic: read to the end, but something is known only when it runs.
 * unknown: not understood; the lists hold what was found.
 */
export type Confidence = 'static' | 'dynamic' | 'unknown';

interface Meaning {
  readonly confidence: Exclude<Confidence, 'static'>;
  readonly description: string;
}

const dynamic = (description: string): Meaning => ({ confidence: 'dynamic', description });
const unknown = (description: string): Meaning => ({ confidence: 'unknown', description });

export const doubts = {
  syntax: unknown('the line, or one nested in it, is no complete shell'),
  unread: unknown('a piece of the line belongs to nothing that was read'),
  continuation: unknown('a backslash and a newline stand inside a word'),
  size: unknown(
    'there are too many commands, or they nest too deep (512 commands, 12 texts or wrappers within each other, 64 compound commands)',
  ),
  dialect: unknown('bash and the plain `sh` of Debian (dash) would run or open different things'),
  program: dynamic('the name of a program is known only when it runs'),
  argument: dynamic(
    'an argument that decides what is run, or an unknown program gets, is known only when it runs',
  ),
  path: dynamic('a path that is read, written or deleted is known only when it runs'),
  host: dynamic('a host is known only when it runs'),
  'opaque-inline': dynamic('an interpreter gets its program as an argument'),
  'opaque-stdin': dynamic('an interpreter gets its program from its input'),
  'opaque-file': dynamic(
    'the shell itself, or an interpreter with a path known only when it runs, takes a file',
  ),
  'written-program': dynamic('a program or script is run that the same line may have written'),
  option: dynamic(
    'a program whose options can run or write something gets one that is in no table',
  ),
  'option-runs': dynamic('an option makes a program run something else'),
  'maybe-wrapper': dynamic('a program that is in no table gets the name of a shell or interpreter'),
  quoting: dynamic('a `$\'…\'` has more than simple escapes, or a `$"…"` would be translated'),
  reevaluated: dynamic('a builtin, a test or arithmetic evaluates text a second time'),
  variable: dynamic('a variable is set that changes what programs run or read'),
  'shell-state': dynamic(
    'aliases, options, hashed paths, traps or loaded builtins change what later words mean',
  ),
  shadow: dynamic(
    "a function, or a program outside of the system's directories, has the name of a builtin or of a program in the tables",
  ),
  directory: dynamic('a path is relative to a directory known only when it runs'),
  interactive: dynamic('a program offers its user a shell'),
} as const satisfies Record<string, Meaning>;

export type Doubt = keyof typeof doubts;

export function confidenceOf(found: Iterable<Doubt>): Confidence {
  let confidence: Confidence = 'static';
  for (const doubt of found) {
    if (doubts[doubt].confidence === 'unknown') return 'unknown';
    confidence = 'dynamic';
  }
  return confidence;
}
