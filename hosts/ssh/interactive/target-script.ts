// What the target runs for a guarded shell: plain POSIX sh, mktemp and mkfifo, no file of ours. Two programs meet over two
// FIFOs: a relay without a terminal, which the gateway writes commands to and reads reports from, and the shell, whose
// standard input is the commands' FIFO. The terminal is only ever the input of the programs that the shell starts, so
// nothing that is typed, or that a program puts into the terminal's queue, is read as a command.

/** Of the shell: its terminal, and where it reports. */
const terminalFd = 7;
const reportFd = 8;

/** What may run as the persistent shell; null is bash where the target has it, and else its sh. */
export type TargetShell = 'bash' | 'sh' | 'dash' | 'busybox';

/** One word for a shell, whatever the text holds. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The login shell of the account may be any: it is given one word in single quotes, with nothing in it to expand. */
const underPosixShell = (script: string): string => {
  if (/['\\\n]|!(?! )/.test(script)) throw new Error('a login shell could read this otherwise');
  return `exec /bin/sh -c '${script}'`;
};

/**
 * The relay. It says `TOKEN ready DIRECTORY` when the FIFOs are there, gives the first line that it gets to the shell, and
 * waits for another that tells it that the shell has answered; then they have no name any more, and no mode that would let
 * others open them again. Both are opened for reading and writing first, since opening one end alone would wait for the
 * other for ever.
 */
export const relayCommand = (token: string): string =>
  underPosixShell(
    [
      'umask 077',
      `for p in mktemp mkfifo cat rm rmdir; do command -v "$p" >/dev/null 2>&1 || { echo "${token} missing $p"; exit 1; }; done`,
      'd=$(mktemp -d "${TMPDIR:-/tmp}/.sallyport.XXXXXXXXXX") || exit 1',
      'k=',
      'clean() { rm -f "$d/c" "$d/s"; rmdir "$d" 2>/dev/null; [ -z "$k" ] || kill "$k" 2>/dev/null; }',
      'trap clean EXIT',
      'trap "exit 1" HUP INT TERM',
      'trap "" PIPE',
      'mkfifo "$d/c" "$d/s" || exit 1',
      'exec 3<>"$d/c" 4<>"$d/s" 5<"$d/s" 6>"$d/c"',
      '{ exec cat <&5 3>&- 4>&- 5<&- 6>&-; } & k=$! ',
      `echo "${token} ready $d"`,
      'IFS= read -r setup || exit 1',
      'echo "$setup" >&6',
      'read -r go || exit 1',
      'chmod 0 "$d/c" "$d/s"',
      'rm -f "$d/c" "$d/s"',
      'rmdir "$d"',
      'exec 3>&- 4>&- 5<&-',
      'cat >&6 2>/dev/null',
    ].join('; '),
  );

/**
 * An interactive shell: an error, an interrupt or a syntax error ends the line and not the shell. BusyBox takes an
 * interrupted read of its standard input for the end of it, so it gets the FIFO as a script.
 */
const startOf = {
  // As privileged it takes neither functions nor options nor startup files from its environment.
  bash: 'exec bash --noprofile --norc --noediting -p -i',
  sh: 'case "$(sh --help 2>&1 </dev/null)" in *BusyBox*) exec sh -i /dev/fd/9 9<&0 0<&7;; esac; exec sh -i',
  dash: 'exec dash -i',
  busybox: 'exec busybox sh -i /dev/fd/9 9<&0 0<&7',
} as const satisfies Record<TargetShell, string>;

/** What an interactive shell would run, load, write or be ended by on its own. */
const unwanted =
  'ENV BASH_ENV PROMPT_COMMAND PS0 PS4 TMOUT MAIL MAILPATH MAILCHECK CDPATH GLOBIGNORE';

/** A pager on a terminal runs what it is told to: git, journalctl and man would start one by themselves. */
const pagers = ['PAGER', 'GIT_PAGER', 'SYSTEMD_PAGER', 'MANPAGER'];

/** The shell, on the terminal's channel. It answers once it holds both FIFOs and has read the first line. */
export const shellCommand = (directory: string, shell: TargetShell | null): string => {
  const choice =
    shell === null
      ? `if command -v bash >/dev/null 2>&1; then ${startOf.bash}; fi; ${startOf.sh}`
      : startOf[shell];
  return underPosixShell(
    [
      `exec ${terminalFd}<&0 0<"${directory}/c" ${reportFd}>"${directory}/s"`,
      `unset ${unwanted}`,
      'PS1= PS2= HISTFILE=',
      `${pagers.map((name) => `${name}=cat`).join(' ')} LESSSECURE=1`,
      `export PS1 PS2 HISTFILE LESSSECURE ${pagers.join(' ')}`,
      choice,
    ].join('; '),
  );
};

/** A directory as the relay names it: what could end the quotes around it is refused. */
export const isDirectory = (path: string): boolean => /^\/[\w./+@%=,-]+$/.test(path);

/**
 * The first line: no prompts, no history file, no aliases; what shell this is, and its terminal's modes. Without
 * backslashes, which the `echo` of some shells would take.
 */
export const setupLine = (token: string): string =>
  [
    'exec 9<&-',
    'unset PS1 PS2 HISTFILE',
    'PS1= PS2=',
    '[ -z "$BASH_VERSION" ] || { set +o history +H; shopt -u expand_aliases; }',
    `echo "${token} open \${BASH_VERSION:+bash} $(stty -g <&${terminalFd} 2>/dev/null)" >&${reportFd}`,
  ].join('; ') + '\n';

/**
 * Runs one judged text. It reaches the shell whole or not at all: the shell runs a line when it has read its end, and the
 * text is one word of it. The word is quoted, and so are the names before it, which no alias replaces then.
 *
 * @param started said before the text runs, so that the report can be asked for when the shell has read all of this
 * @param status what `$?` is for the text
 */
export const runLine = (text: string, started: string, status: number): string =>
  [
    '\\unalias -a',
    // The subshell comes before anyone may type: an interrupt would find the terminal in its hands, and be lost.
    status === 0
      ? `\\printf 'S ${started}\\n' >&${reportFd}`
      : `(\\printf 'S ${started}\\n' >&${reportFd}; \\exit ${status})`,
    `\\eval ${quote(text)} <&${terminalFd} ${terminalFd}<&- ${reportFd}>&-`,
  ].join('; ') + '\n';

/** Asks how the last text ended and where the shell is; then puts a mark behind all of its output. */
export const reportLine = (nonce: string, mark: string): string =>
  [
    `\\printf 'E ${nonce} %s\\n' "$?" >&${reportFd}`,
    `\\pwd -P >&${reportFd}`,
    `\\printf '. ${nonce}\\n' >&${reportFd}`,
    `\\printf '\\036${mark}\\037' >&${terminalFd}`,
  ].join('; ') + '\n';

/** Puts the terminal back as it was when the session began, `modes` being what `stty -g` said then. */
export const restoreLine = (modes: string): string =>
  `\\stty ${quote(modes)} <&${terminalFd} 2>/dev/null\n`;
