// Recordings as the command line tells them: a summary, or one line an entry.

import type { Entry, Json, Recording, Verification } from '#engine';
import { readRecording } from '#engine';
import type { Style } from './terminal.ts';
import { harmless, harmlessLines } from './terminal.ts';

export interface Summary {
  readonly session: string;
  readonly started: string;
  readonly principal: string;
  readonly target: string;
  readonly statements: number;
  readonly denied: number;
  readonly verification: Verification;
}

export async function summarize({ session, file }: Recording): Promise<Summary> {
  let start: Entry = {};
  let statements = 0;
  let denied = 0;
  const verification = await forEachEntry(file, (entry) => {
    if (entry['type'] === 'session-start') start = entry;
    if (entry['type'] !== 'statement') return;
    statements += 1;
    if (entry['verdict'] === 'deny') denied += 1;
  });
  const { at } = start;
  return {
    session,
    started: typeof at === 'number' ? new Date(at).toISOString() : '',
    principal: textOf(field(start['principal'], 'id')),
    target: textOf(start['target']),
    statements,
    denied,
    verification,
  };
}

export async function forEachEntry(
  file: string,
  visit: (entry: Entry) => void,
): Promise<Verification> {
  const entries = readRecording(file);
  for (;;) {
    const next = await entries.next();
    if (next.done === true) return next.value;
    visit(next.value);
  }
}

/** How one entry reads: a word, what it is about, and what else is known. */
export interface Told {
  readonly word: string;
  readonly style: Style;
  readonly text: string;
  readonly notes: readonly string[];
}

export function tellEntry(entry: Entry): Told {
  const { type } = entry;
  switch (type) {
    case 'session-start':
      return tellStart(entry);
    case 'statement':
      return tellStatement(entry);
    case 'hold':
      return { ...plain('held', entry), style: 'yellow' };
    case 'hold-outcome': {
      const word = textOf(entry['outcome']);
      return { word, style: word === 'approved' ? 'green' : 'red', text: '', notes: whoOf(entry) };
    }
    case 'outcome': {
      return tellOutcome(entry);
    }
    case 'output':
      return tellOutput(entry);
    case 'window':
      return { word: 'window', style: 'dim', text: windowOf(entry), notes: [] };
    case 'message':
      return tellMessage(entry);
    case 'message-refused':
      return {
        ...tellStatement({ ...entry, verdict: 'deny', text: 'message' }),
        notes: reasonsOf(entry),
      };

    case 'session-end':
      return { ...plain('end', entry), text: harmless(textOf(entry['reason'])), notes: [] };
    default:
      return plain(textOf(type), entry);
  }
}

function tellStart(entry: Entry): Told {
  const { principal } = entry;
  const who = `${textOf(field(principal, 'id'))} (${textOf(field(principal, 'kind'))})`;
  const groups = listOf(field(principal, 'groups')).map(textOf).join(', ');
  const notes = [
    `groups ${groups}`,
    `client ${textOf(entry['client'])}, ${textOf(entry['application'])}`,
    `gateway ${textOf(entry['gateway'])}`,
  ];
  const database = textOf(entry['database']);
  const target = `${textOf(entry['target'])}${database === '' ? '' : `/${database}`}`;
  return {
    word: 'start',
    style: 'dim',
    text: harmless(`${who} to ${target}`),
    notes: notes.map(harmless),
  };
}

/** What became of a statement; of an HTTP request also how much went either way. */
function tellOutcome(entry: Entry): Told {
  const { error, tag, bytes, ms, sent } = entry;
  const failed = error !== undefined;
  const size = bytes === undefined ? '' : `, ${textOf(bytes)} bytes in ${textOf(ms)} ms`;
  const text = failed ? textOf(error) : `${textOf(tag)}${size}`;
  const upload = field(sent, 'bytes');
  return {
    word: failed ? 'failed' : 'done',
    style: 'dim',
    text: harmless(`${numberOf(entry)}${text}`),
    notes: [
      ...(upload === undefined ? [] : [`sent ${textOf(upload)} bytes${hashOf(sent, 'sha256')}`]),
      ...unrecordedOf(entry),
    ].map(harmless),
  };
}

function hashOf(told: Json | undefined, name: string): string {
  const hash = field(told, name);
  return hash === undefined ? '' : `, sha256 ${textOf(hash)}`;
}

/** Of a program that has ended: what of its output the recording does not hold, stream by stream. */
export function unrecordedOf({ output = null }: Entry): readonly string[] {
  if (typeof output !== 'object' || output === null) return [];
  return Object.entries(output as Readonly<Record<string, Json>>).flatMap(([stream, told]) => {
    const bytes = field(told, 'bytes');
    const recorded = field(told, 'recorded');
    if (typeof bytes !== 'number' || typeof recorded !== 'number') return [];
    const proof = hashOf(told, 'rest_sha256');
    return [`${bytes - recorded} more bytes of ${stream} are not recorded${proof}`];
  });
}

/** A piece of what a program put out, or took in, by its beginning. */
function tellOutput(entry: Entry): Told {
  const { stream } = entry;
  const bytes = streamBytes(entry);
  const start = bytes.subarray(0, shownBytesMax).toString('utf8');
  const more = bytes.length > shownBytesMax ? '…' : '';
  const what = `${channelOf(entry)}${textOf(stream)}, ${bytes.length} bytes`;
  return {
    word: 'output',
    style: 'dim',
    text: harmless(what),
    notes: [`| ${harmless(start)}${more}`],
  };
}

const shownBytesMax = 72;

/** The bytes of an entry of type `output`. */
export const streamBytes = ({ text, base64 }: Entry): Buffer =>
  text === undefined ? Buffer.from(textOf(base64), 'base64') : Buffer.from(textOf(text));

const channelOf = ({ channel }: Entry): string =>
  channel === undefined ? '' : `#${textOf(channel)} `;

const windowOf = (entry: Entry): string =>
  harmless(`${channelOf(entry)}${textOf(entry['columns'])} columns, ${textOf(entry['rows'])} rows`);

/** One message of a WebSocket. */
function tellMessage(entry: Entry): Told {
  const { direction, content, bytes, outcome, sha256 } = entry;
  const way = direction === 'up' ? 'from the caller' : 'from the target';
  const what = `${textOf(content)} ${way}, ${textOf(bytes)} bytes, ${textOf(outcome)}`;
  const notes = [`sha256 ${harmless(textOf(sha256))}`];
  return { word: 'message', style: 'dim', text: harmless(`${numberOf(entry)}${what}`), notes };
}

/** Requests of one session come and go side by side: their numbers say what belongs together. */
function numberOf({ request }: Entry): string {
  return request === undefined ? '' : `#${textOf(request)} `;
}

const reasonsOf = (entry: Entry): readonly string[] =>
  Array.from(
    new Set(
      listOf(entry['decisions']).flatMap((decision) =>
        listOf(field(decision, 'reasons')).map((reason) =>
          harmless(textOf(field(reason, 'message'))),
        ),
      ),
    ),
  );

function tellStatement(entry: Entry): Told {
  const denied = entry['verdict'] === 'deny';
  const refused = entry['refused'];
  const why = denied
    ? [harmless(`${textOf(field(refused, 'code'))}: ${textOf(field(refused, 'message'))}`)]
    : reasonsOf(entry);
  const masks = denied
    ? []
    : listOf(entry['decisions']).flatMap((decision) =>
        listOf(field(decision, 'masks')).map((mask) =>
          textOf(field(mask, 'column') ?? field(mask, 'field') ?? field(mask, 'detect')),
        ),
      );
  const approval = textOf(entry['approval']);
  const [text = '', ...more] = harmlessLines(textOf(entry['text']));
  return {
    word: denied ? 'deny' : 'allow',
    style: denied ? 'red' : 'green',
    text: `${numberOf(entry)}${text}`,
    notes: [
      ...more,
      ...why,
      ...(masks.length === 0 ? [] : [`masks ${harmless(briefly(Array.from(new Set(masks))))}`]),
      ...(approval === '' ? [] : [`approval ${approval}`]),
      ...parametersOf(entry['parameters']),
      ...bodyOf(entry['body']),
    ],
  };
}

/** JSON has them all. */
const briefly = (masked: readonly string[]) =>
  masked.length <= 2
    ? masked.join(', ')
    : `${masked.slice(0, 2).join(', ')} and ${masked.length - 2} more`;

function parametersOf(parameters: Json | undefined): readonly string[] {
  const list = listOf(parameters);
  return list.length === 0 ? [] : [`parameters ${harmless(JSON.stringify(list))}`];
}

/** Of an HTTP request, where it was read. */
function bodyOf(body: Json | undefined): readonly string[] {
  if (body === undefined) return [];
  const text = textOf(field(body, 'text'));
  const proof = `${textOf(field(body, 'bytes'))} bytes, sha256 ${textOf(field(body, 'sha256'))}`;
  if (text === '') return [`body ${proof}`];
  const [first = '', ...more] = harmlessLines(text);
  return [`body ${first}`, ...more];
}

function whoOf(entry: Entry): readonly string[] {
  const answers = listOf(entry['answers']).map((answer) => {
    const note = textOf(field(answer, 'note'));
    return `by ${textOf(field(answer, 'approver'))}${note === '' ? '' : `: ${note}`}`;
  });
  const by = textOf(entry['by']);
  const note = textOf(entry['note']);
  return [...answers, ...(by === '' ? [] : [`by ${by}${note === '' ? '' : `: ${note}`}`])].map(
    harmless,
  );
}

const known = new Set(['type', 'seq', 'at', 'text', 'requirements']);

/** An entry of which no more is known than its fields. */
function plain(word: string, entry: Entry): Told {
  const rest = Object.entries(entry).filter(([name]) => !known.has(name));
  const notes = rest.map(([name, value]) => `${name} ${harmless(textOf(value))}`);
  const [text = '', ...more] = harmlessLines(textOf(entry['text']));
  return { word, style: 'dim', text, notes: [...more, ...notes] };
}

export const field = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined;

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
