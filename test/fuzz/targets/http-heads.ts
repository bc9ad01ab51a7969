// Heads of requests and answers: whatever comes in is refused with a rule, or is one message and the same one again,
// however the bytes are cut.

import { strict as assert } from 'node:assert';

import type { CanonicalRequest } from '../../../hosts/http/wire/index.ts';
import {
  canonicalise,
  checkResponse,
  ResponseReader,
  serialiseHead,
} from '../../../hosts/http/wire/index.ts';
import { BrokenResponse } from '../../../hosts/http/wire/rules.ts';
import { splitRequest, splitResponse } from '../../support/http-heads.ts';
import type { Target } from '../target.ts';

/** Verdicts are values: nothing may be thrown but this, for what was refused. */
class Refused extends Error {}

const isRefusal = (error: unknown): boolean => error instanceof Refused;

const read = (head: string): CanonicalRequest => {
  const result = canonicalise(splitRequest(head));
  if (result.kind === 'refused') throw new Refused(result.rule);
  return result.request;
};

const write = (request: CanonicalRequest): string =>
  serialiseHead(request, [], request.authority).toString('latin1');

const checkCanonicalise = (input: Buffer): void => {
  const judged = read(input.toString('latin1'));
  const head = write(judged);
  assert.match(head, /^(?:[\t\x20-\x7e]+\r\n)+\r\n$/);
  const again = read(head);
  assert.deepEqual({ ...again, framing: judged.framing }, { ...judged, expectsContinue: false });
  assert.equal(write(again), head);
};

const checkCheckResponse = (input: Buffer): void => {
  const raw = splitResponse(input.toString('latin1'));
  const result = checkResponse(raw, { method: 'GET' });
  if (result.kind === 'refused') throw new Refused(result.rule);
  const lines = result.fields.map(([name, value]) => `${name}: ${value}`);
  for (const line of lines) assert.match(line, /^[!-~]+: [\t\x20-\x7e\x80-\xff]*$/);
  const head = `HTTP/1.1 ${raw.status}\r\n${lines.join('\r\n')}`;
  const again = checkResponse(splitResponse(lines.length === 0 ? head.trimEnd() : head), {
    method: 'GET',
  });
  assert(again.kind === 'response');
  assert.deepEqual(again.fields, result.fields);
};

/** The body, and what the head and the end are; only the rule of what is refused. */
function readAnswer(input: Buffer, bytes: number): string {
  const reader = new ResponseReader('GET');
  const told: string[] = [];
  let body = '';
  try {
    for (let at = 0; at < input.length; at += bytes) {
      for (const part of reader.push(Buffer.from(input.subarray(at, at + bytes)))) {
        if (part.kind === 'body') body += part.bytes.toString('latin1');
        else told.push(part.kind === 'head' ? JSON.stringify(part) : part.kind);
      }
    }
  } catch (error) {
    if (error instanceof BrokenResponse) return error.rule;
    throw error;
  }
  return [...told, body].join('\n');
}

const checkReader = (input: Buffer): void => {
  const whole = readAnswer(input, input.length);
  assert.equal(readAnswer(input, 1), whole);
  assert.equal(readAnswer(input, 7), whole);
  if (!whole.startsWith('{')) throw new Refused(whole);
};

export const headTargets: readonly Target[] = [
  { name: 'canonicalise', check: checkCanonicalise, isRefusal },
  { name: 'checkResponse', check: checkCheckResponse, isRefusal },
  { name: 'ResponseReader', check: checkReader, isRefusal },
];
