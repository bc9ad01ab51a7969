// Readers of request bodies: what they take, another reader finds in it, too; what they refuse has a rule.

import { strict as assert } from 'node:assert';

import { parse, print } from 'graphql';

import * as body from '../../../hosts/http/body/index.ts';
import type { Target } from '../target.ts';

class RefusedInput extends Error {}

const valueOf = <T>(read: body.Read<T>): T => {
  if (read.kind === 'read') return read.value;
  assert(read.rule in body.bodyRules);
  throw new RefusedInput(read.rule);
};

const target = (name: string, check: (input: Buffer) => void): Target => ({
  name,
  check,
  isRefusal: (error) => error instanceof RefusedInput,
});

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** V8's own parser may mistake a key after it was given one with an escape, so it is given none. */
const isComparable = (text: string): boolean => !text.includes('\\');

const checkJson = (input: Buffer): void => {
  const text = input.toString('utf8');
  const read = body.parseStrictJson(input);
  if (isComparable(text)) {
    if (read.kind === 'read') assert.deepEqual(read.value, JSON.parse(text));
    // What is refused for more than its syntax may have mistakes behind that place.
    else if (read.rule === 'json-syntax') assert(!parses(text));
  }
  const again = body.parseStrictJson(Buffer.from(JSON.stringify(valueOf(read))));
  assert.deepEqual(again, { kind: 'read', value: valueOf(read) });
};

const multipartOf = (parts: readonly body.Part[]): string =>
  parts
    .map(
      ({ name, filename, content_type, size }) =>
        `--X\r\ncontent-type: ${content_type}\r\n` +
        `content-disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n` +
        `${'v'.repeat(size)}\r\n`,
    )
    .join('')
    .concat('--X--');

const contentTypes = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=XX',
];

/** The first byte chooses the content type; after any other than 0 to 2 it is the first line that says it. */
const checkBody = (input: Buffer): void => {
  const known = contentTypes[input[0] ?? 0];
  const end = known === undefined ? input.indexOf('\n') : 0;
  const contentType = known ?? input.subarray(0, Math.max(end, 0)).toString('latin1');
  const content = input.subarray(end + 1);
  const facts = valueOf(body.readBody(content, contentType));
  assert(JSON.stringify(facts).length <= body.factsBytesMax);
  switch (facts.kind) {
    case 'form':
      // Behind an ampersand, since a question mark in front would not count.
      assert.equal(
        JSON.stringify(facts.fields.map(({ name, value }) => [name, value])),
        JSON.stringify([...new URLSearchParams(`&${content.toString('utf8')}`)]),
      );
      break;
    case 'multipart': {
      const again = multipartOf(facts.parts);
      // A name may hold the boundary that is written here.
      if (again.split('--X').length !== facts.parts.length + 2) return;
      const read = body.readBody(Buffer.from(again), 'multipart/form-data; boundary=X');
      assert.deepEqual(valueOf(read).parts, facts.parts);
      break;
    }
    case 'opaque':
      // Nothing was read, so it is no input to start from.
      throw new RefusedInput('opaque');
    default:
      break;
  }
};

/** A document alone: printing it leaves the facts as they are. */
const checkGraphql = (input: Buffer): void => {
  const factsOf = (document: Buffer) =>
    valueOf(
      body.readGraphql({
        method: 'POST',
        contentType: 'application/graphql',
        body: document,
        query: [],
      }),
    ).map(({ facts }) => facts);
  const facts = factsOf(input);
  assert.deepEqual(factsOf(Buffer.from(print(parse(input.toString('utf8'))))), facts);
  for (const { fields, paths } of facts) {
    assert(fields.every((field) => paths.includes(field)));
    assert(paths.every((path) => fields.includes(path.split('.', 1)[0] ?? '')));
  }
};

/** The first byte chooses the protocol. */
const checkRpc = (input: Buffer): void => {
  const protocol = input[0] === 0x6d ? 'mcp' : 'json-rpc';
  const calls = valueOf(body.readRpc(input.subarray(1), 'application/json', protocol));
  assert(calls.length > 0);
  for (const { facts, text } of calls) {
    const [again] = valueOf(body.readRpc(Buffer.from(text), 'application/json', protocol));
    assert.deepEqual(again?.facts, facts);
    assert.equal(facts.tool !== '', facts.protocol === 'mcp' && facts.method === 'tools/call');
  }
};

const checkMessage = (input: Buffer): void => {
  const facts = valueOf(body.messageFacts({ direction: 'up', type: 'text', payload: input }));
  assert.equal(facts.size, input.length);
  const text = input.toString('utf8');
  if (facts.json === null && isComparable(text)) assert(!parses(text) || text.trim() === 'null');
};

export const bodyTargets: readonly Target[] = [
  target('parseStrictJson', checkJson),
  target('readBody', checkBody),
  target('readGraphql', checkGraphql),
  target('readRpc', checkRpc),
  target('messageFacts', checkMessage),
];
