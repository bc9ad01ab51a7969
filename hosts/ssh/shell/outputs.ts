// Command substitutions of which it is known what they can put into a word: no slash, no space, no leading dash.

/** Conversions of strftime that give digits, names of zones and hyphens or colons. */
const dateFormat = /^(?:[A-Za-z0-9_.:-]|%[FTHMSYymdjsuVNI])+$/;

const plainOutput =
  /^(?:hostname(?: -[sf])?|whoami|logname|nproc|id -[ugG]?[un]|uname -[rmsnv]|date \+%[sFYmdHMj]|arch)$/;

const numbers = /^seq(?: \d{1,9}){1,3}$/;

export type KnownOutput = 'word' | 'numbers' | undefined;

export function knownOutput(script: string): KnownOutput {
  const text = script.trim().replace(/ +/g, ' ');
  if (plainOutput.test(text)) return 'word';
  if (numbers.test(text)) return 'numbers';
  const format = /^date(?: -u| --utc)? (["']?)\+([^"' ]+)\1$/.exec(text)?.[2];
  return format !== undefined && dateFormat.test(format) ? 'word' : undefined;
}
