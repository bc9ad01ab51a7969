// What a line may not do in a guarded shell, since each line is judged by its own text: nothing that changes what a later
// text means, and nothing that reaches for the shell's own wires. A session asks this beside the policy, and refuses.

import { readShellText } from './shell-text.ts';

/** Why a line is refused, whatever the policy says of it. */
export const stateRules = {
  'guarded-builtin': 'this builtin changes what later lines mean',
  'guarded-option': 'options of the shell change what later lines mean',
  'guarded-function': 'a function would give another meaning to a name in later lines',
  'guarded-variable': 'this variable changes what programs of later lines run or read',
  'guarded-descriptor': "descriptors from 3 on are the shell's own",
  'guarded-proc': 'below /proc are the wires of the shell itself',
} as const;

export type StateRule = keyof typeof stateRules;

/** Builtins that are refused however they are called. `builtin` and `command` are no way around: they are unwrapped. */
export const stateChanging: ReadonlySet<string> = new Set([
  ...['.', 'source', 'eval', 'exec', 'trap', 'coproc', 'suspend'],
  ...['alias', 'enable', 'bind', 'complete', 'compopt', 'compgen', 'fc', 'history', 'mapfile'],
  ...['readarray', 'getopts'],
]);

/** Builtins that are refused with these arguments. */
const withArguments: ReadonlyMap<string, RegExp> = new Map([
  ['set', /^[-+]./],
  ['shopt', /^/],
  ['hash', /^-/],
  ['printf', /^-v/],
  ['declare', /^[-+]\w*[^-+aAgprx]/],
  ['typeset', /^[-+]\w*[^-+aAgprx]/],
  ['wait', /^-\w*p/],
]);

/** What `CommandFacts` of the shell room has and is read here. */
export interface StateFacts {
  readonly commands: readonly {
    readonly name: string;
    readonly args: readonly (string | null)[];
    readonly wrappers: readonly string[];
  }[];
  readonly doubts: readonly string[];
}

const ofDoubts: ReadonlyMap<string, StateRule> = new Map<string, StateRule>([
  ['shell-state', 'guarded-option'],
  ['shadow', 'guarded-function'],
  ['variable', 'guarded-variable'],
]);

/** Files of /proc that tell of the machine, not of a process. */
const harmlessProc =
  /^\/proc\/(?:cpuinfo|meminfo|loadavg|uptime|version|mounts|stat|vmstat|swaps|partitions|filesystems|mdstat|interrupts|diskstats|devices|modules|cmdline|sys\/[\w/.-]+)$/;

/**
 * Every rule that `text` breaks, each once.
 *
 * @param directory where the shell stands
 */
export function stateChanges(
  text: string,
  facts: StateFacts,
  directory: string | null,
): readonly StateRule[] {
  const rules = new Set<StateRule>();
  for (const { name, args, wrappers } of facts.commands) {
    for (const word of [name, ...wrappers])
      if (stateChanging.has(word)) rules.add('guarded-builtin');
    const refused = withArguments.get(name);
    // Of an argument that is known only when the line runs, the worst is assumed.
    if (
      refused !== undefined &&
      args.some((argument) => argument === null || refused.test(argument))
    ) {
      rules.add('guarded-option');
    }
  }
  for (const doubt of facts.doubts) {
    const rule = ofDoubts.get(doubt);
    if (rule !== undefined) rules.add(rule);
  }
  const { bare } = readShellText(text);
  if (definesFunction(bare)) rules.add('guarded-function');
  if (startsCoprocess.test(bare)) rules.add('guarded-builtin');
  if (setsVariable.some((pattern) => pattern.test(text))) rules.add('guarded-variable');
  if (usesDescriptor(text)) rules.add('guarded-descriptor');
  if (reachesProc(text, directory) && !onlyChangesDirectory(facts)) rules.add('guarded-proc');
  return Array.from(rules);
}

const definesFunction = (bare: string): boolean =>
  /[^\s;&|()<>]\s*\(\s*\)/.test(bare) || /(?:^|[\s;&|(){}])function(?=\s)/.test(bare);

const startsCoprocess = /(?:^|[\s;&|(){}])coproc(?=\s)/;

/**
 * Variables that programs read have names in capitals, but for those of proxies. Under a locale of another encoding than
 * UTF-8 the shell would cut later lines otherwise than their judge.
 */
const setsVariable: readonly RegExp[] = [
  /\b(?:for|select)\s+(?:\w*[A-Z]|\w+_proxy\b)/,
  /\$\{(?:\w*[A-Z]\w*|\w+_proxy):?=/,
  /\b(?:LC_[A-Z]+|LANG|LANGUAGE)\+?=(?!["']?(?:C|POSIX|\w+\.(?:UTF|utf)-?8)?["']?(?:[\s;&|)]|$))/,
  /\b(?:read|getopts|mapfile|readarray)\b.*\b(?:LC_[A-Z]+|LANG|LANGUAGE)\b/,
];

/** In quotes, too: a false alarm costs a line, a miss the session. */
const usesDescriptor = (text: string): boolean =>
  /[<>]&\s*(?:[3-9]|\d\d|[^\d\s-])|(?:^|[\s;&|(){}])(?:[3-9]|\d\d+)[<>]|\{\w+\}[<>]|\/dev\/fd\b|\/dev\/tcp\b|\/dev\/udp\b/.test(
    text,
  );

const reachesProc = (text: string, directory: string | null): boolean => {
  if (directory === null || /^\/proc(?:\/|$)/.test(directory)) return true;
  const mentioned = text.match(/(?:\/+|\b)proc\b[^\s;&|()<>'"`]*/g) ?? [];
  return mentioned.some((path) => {
    const whole = path.replace(/\/+/g, '/');
    if (!whole.startsWith('/')) return whole.includes('/');
    return !harmlessProc.test(whole) || whole.includes('..');
  });
};

/** The way out of a directory that nothing else may be done in. */
const onlyChangesDirectory = ({ commands, doubts }: StateFacts): boolean =>
  doubts.length === 0 &&
  commands.length === 1 &&
  commands.every(
    ({ name, args }) =>
      name === 'cd' && !args.some((argument) => argument?.includes('proc') ?? true),
  );
