// What the recording keeps and an approver sees of one operation or call; never what policies judge.

/** Beyond it the text says how much was left out: an approver who needs it reads the recorded body. */
export const evidenceCharactersMax = 16 * 1024;

export const evidenceText = (text: string): string => {
  if (text.length <= evidenceCharactersMax) return text;
  const left = text.length - evidenceCharactersMax;
  return `${text.slice(0, evidenceCharactersMax).toWellFormed()}\n… ${left} more characters`;
};
