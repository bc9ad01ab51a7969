// Shell commands as policies read them: text to facts. No sockets, no engine.

export type { CommandRule, RefusedCommand } from './command-text.ts';
export { commandBytesMax, commandRules, decodeCommand } from './command-text.ts';
export type { Confidence, Doubt } from './doubts.ts';
export { doubts } from './doubts.ts';
export type { CommandFacts, SimpleCommand } from './facts.ts';
export type { ReadCommand } from './read-command.ts';
export { readCommand } from './read-command.ts';
