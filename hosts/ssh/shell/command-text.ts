// Text that is no command in anyone's reading, or two different ones: refused before a target sees it.

export const commandRules = {
  'command-length': 'the command is longer than 16 KiB',
  'command-empty': 'the command is empty or blank',
  'command-encoding': 'the command is not UTF-8',
  'command-nul': 'the command has a NUL',
  'command-return': 'the command has a carriage return',
  'command-control': 'the command has a control character other than tab and newline',
} as const;

export type CommandRule = keyof typeof commandRules;

export interface RefusedCommand {
  readonly kind: 'refused';
  readonly rule: CommandRule;
  /** The rule's description: nothing of the command. */
  readonly message: string;
}

export const commandBytesMax = 16_384;

const refused = (rule: CommandRule): RefusedCommand => ({
  kind: 'refused',
  rule,
  message: commandRules[rule],
});

/** C0, DEL and C1; characters that only steer how text is shown could hide a command from whoever approves it. */
const control =
  /(?![\t\n])\p{Cc}|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u;

export function checkCommand(text: string): RefusedCommand | undefined {
  if (text.length > commandBytesMax) return refused('command-length');
  if (!text.isWellFormed()) return refused('command-encoding');
  if (Buffer.byteLength(text) > commandBytesMax) return refused('command-length');
  if (text.includes('\0')) return refused('command-nul');
  if (text.includes('\r')) return refused('command-return');
  if (control.test(text)) return refused('command-control');
  // A comment alone runs nothing and is what a forced command would hide behind.
  return /[^\s]/.test(text) ? undefined : refused('command-empty');
}

/** The text of an `exec` request (RFC 4254 §6.5), whose bytes have no encoding of their own. */
export function decodeCommand(
  bytes: Buffer,
): { readonly kind: 'text'; readonly text: string } | RefusedCommand {
  if (bytes.length > commandBytesMax) return refused('command-length');
  try {
    return {
      kind: 'text',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    };
  } catch {
    return refused('command-encoding');
  }
}
