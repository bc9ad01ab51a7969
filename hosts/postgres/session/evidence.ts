// The entries that a PostgreSQL session leaves in its recording. Those that come with every statement are written as text:
// it is most of what recording costs.

import { createHash } from 'node:crypto';

import type { Decision, EntryText, RecordedEntry } from '#engine';
import { decisionText, entryText } from '#engine';

import type { Refusal } from '../refusal.ts';
import type { Bind } from '../wire/index.ts';

/** A longer parameter is recorded as its length and hash. */
const parameterBytesMax = 1024;

/** As Bind and FunctionCall have them. */
export type BoundValues = Pick<Bind, 'parameterFormats' | 'parameters'>;

interface StatementEvidence {
  readonly protocol: 'simple' | 'extended' | 'function-call';
  readonly text: string;
  readonly decisions: readonly Decision[];
  /** With its values. */
  readonly bind: BoundValues | undefined;
}

/** What the client set at its login. */
export function settingsEntry(settings: ReadonlyMap<string, string>): RecordedEntry {
  return { type: 'settings', settings: Object.fromEntries(settings) };
}

/** A statement that is about to be forwarded. */
export function permittedEntry(evidence: StatementEvidence, approval?: string): EntryText {
  const text = statementText('allow', evidence);
  return entryText(
    approval === undefined ? text : `${text},"approval":${JSON.stringify(approval)}`,
  );
}

/** A statement that is not forwarded. */
export function refusedEntry(evidence: StatementEvidence, refused: Refusal): EntryText {
  const { code, message } = refused;
  return entryText(
    `${statementText('deny', evidence)},"refused":${JSON.stringify({ code, message })}`,
  );
}

/** A statement that was answered with a command tag. */
export function completedEntry(tag: string, decisions: readonly Decision[]): EntryText {
  const ids = listText(decisions, ({ id }) => `"${id}"`);
  return entryText(`"type":"outcome","tag":${JSON.stringify(tag)},"decisions":${ids}`);
}

function statementText(
  verdict: 'allow' | 'deny',
  { protocol, text, bind, decisions }: StatementEvidence,
): string {
  const what = `"type":"statement","verdict":"${verdict}","protocol":"${protocol}"`;
  const parameters = bind === undefined ? '' : `,"parameters":${parametersText(bind)}`;
  const decided = listText(decisions, decisionText);
  return `${what},"text":${JSON.stringify(text)}${parameters},"decisions":${decided}`;
}

/** Bound values: text as text, binary as hexadecimal, long ones as length and hash. */
function parametersText({ parameters, parameterFormats: formats }: BoundValues): string {
  return listText(parameters, (value, index) => {
    if (value === null) return '{"null":true}';
    if (value.length > parameterBytesMax) {
      const sha256 = createHash('sha256').update(value).digest('hex');
      return `{"bytes":${value.length},"sha256":"${sha256}"}`;
    }
    const format = formats.length === 1 ? formats[0] : formats[index];
    return format === 1
      ? `{"binary":"${value.toString('hex')}"}`
      : `{"text":${JSON.stringify(value.toString('utf8'))}}`;
  });
}

function listText<Item>(items: readonly Item[], textOf: (item: Item, index: number) => string) {
  let text = '[';
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index] as Item;
    text += index === 0 ? textOf(item, index) : `,${textOf(item, index)}`;
  }
  return `${text}]`;
}
