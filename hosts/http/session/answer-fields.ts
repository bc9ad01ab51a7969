// Which fields of an answer's head pass under masks: those whose every value says nothing of the document. A link, a
// cookie, a tag or a name of the target's own could hold what is masked in the body, or be computed from it.

import { parseMediaType } from '../masking/index.ts';
import type { HeaderField } from '../wire/index.ts';

const listOf = (item: string): RegExp => new RegExp(`^(?:${item})(?: *, *(?:${item}))*$`);

const referrers =
  'no-referrer(?:-when-downgrade)?|(?:strict-)?origin(?:-when-cross-origin)?|same-origin|unsafe-url';

/** Field → the values of it that pass. */
const passed: ReadonlyMap<string, RegExp> = new Map([
  ['content-language', listOf('[a-z]{2,3}(?:-[A-Z]{2})?')],
  ['date', /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT$/],
  ['allow', listOf('GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS')],
  ['retry-after', /^\d{1,6}$/],
  ['strict-transport-security', /^max-age=\d{1,9}(?:; *includeSubDomains)?(?:; *preload)?$/i],
  ['x-content-type-options', /^nosniff$/i],
  ['x-frame-options', /^(?:deny|sameorigin)$/i],
  ['referrer-policy', listOf(referrers)],
  ['access-control-allow-credentials', /^true$/],
]);

/** A type that is none of these is a word of the target's own. */
const wellKnownTypes: ReadonlySet<string> = new Set([
  ...['application/json', 'text/json', 'text/csv', 'text/plain', 'text/markdown'],
  ...['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'text/event-stream'],
  ...['application/x-jsonlines', 'application/jsonlines'],
  ...['problem', 'vnd.api', 'hal', 'ld', 'geo', 'fhir', 'scim', 'activity', 'graphql-response']
    .concat(['manifest', 'merge-patch', 'json-patch', 'vnd.github'])
    .map((name) => `application/${name}+json`),
]);

/** @param asked Of the request: what the caller said is no news to it. */
export function answerFieldsUnderMasks(
  fields: readonly HeaderField[],
  asked: readonly HeaderField[],
): readonly HeaderField[] {
  const said = (name: string): string | undefined => asked.find(([each]) => each === name)?.[1];
  const accepted = essencesIn(said('accept') ?? '');
  const kept = fields.flatMap(([name, value]): readonly HeaderField[] => {
    if (name === 'content-type') return typeField(value, accepted);
    const isOrigin = name === 'access-control-allow-origin';
    const passes = isOrigin ? value === '*' || value === said('origin') : isPassed(name, value);
    return passes ? [[name, value]] : [];
  });
  return [...kept, ['cache-control', 'no-store']];
}

const isPassed = (name: string, value: string): boolean => passed.get(name)?.test(value) === true;

const essencesIn = (accept: string): ReadonlySet<string> =>
  new Set(accept.split(',').map((each) => (each.split(';')[0] ?? '').trim().toLowerCase()));

/** Written anew: of its parameters only those are left that say how to read the body. */
function typeField(value: string, accepted: ReadonlySet<string>): readonly HeaderField[] {
  const type = parseMediaType(value);
  if (type === undefined) return [];
  const essence = [type.essence, jsonOf(type.essence)].find(
    (each) => each !== undefined && (wellKnownTypes.has(each) || accepted.has(each)),
  );
  if (essence === undefined) return [];
  const charset = type.parameters.has('charset') ? '; charset=utf-8' : '';
  const isHeaderless = type.parameters.get('header')?.toLowerCase() === 'absent';
  return [['content-type', `${essence}${charset}${isHeaderless ? '; header=absent' : ''}`]];
}

/** RFC 6839 §3.1: what has the suffix may be read as plain JSON. */
const jsonOf = (essence: string): string | undefined =>
  essence.endsWith('+json') ? 'application/json' : undefined;
