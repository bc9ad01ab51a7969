// Messages above the SSH transport, and the line that every connection begins with: read to the last byte or refused.

import { strict as assert } from 'node:assert';
import { FieldReader } from '../../../hosts/ssh/guard/fields.ts';
import { IdentificationReader } from '../../../hosts/ssh/guard/identification.ts';
import {
  channelRequestPayload,
  channelTypeFields,
  readChannelRequest,
  readChannelType,
  readGlobalRequest,
} from '../../../hosts/ssh/guard/requests.ts';
import { Violation } from '../../../hosts/ssh/guard/violation.ts';
import type { Target } from '../target.ts';

const isRefusal = (error: unknown): boolean => error instanceof Violation;

/** What is sent of what was read is read as the same, once sizes are in bounds. */
function checkRequest(input: Buffer): void {
  const fields = new FieldReader(input, 0);
  const request = readChannelRequest(fields.text(), fields);
  if (request.kind === 'other' || request.kind === 'x11' || request.kind === 'break') return;
  const again = new FieldReader(channelRequestPayload(0, request, false), 5);
  const name = again.text();
  again.boolean();
  assert.deepEqual(readChannelRequest(name, again), request);
}

function checkType(input: Buffer): void {
  const fields = new FieldReader(input, 0);
  const type = readChannelType(fields.text(), fields);
  if (type.kind === 'other') return;
  const again = channelTypeFields(type);
  assert.deepEqual(readChannelType(again.name, new FieldReader(again.fields, 0)), type);
}

function checkGlobal(input: Buffer): void {
  const fields = new FieldReader(input, 0);
  const request = readGlobalRequest(fields.text(), fields);
  if (request.kind !== 'other') assert.equal(fields.remaining, 0);
}

/** However it is cut, it is the same line, or refused. */
function checkIdentification(input: Buffer): void {
  for (const peer of ['client', 'server'] as const) {
    const [whole, bytewise] = [input.length, 1].map((bytes) => readLine(input, peer, bytes));
    assert.deepEqual(bytewise, whole);
  }
}

function readLine(input: Buffer, peer: 'client' | 'server', bytes: number): string {
  const reader = new IdentificationReader(peer);
  try {
    for (let at = 0; at < input.length; at += bytes) {
      const line = reader.push(input.subarray(at, at + bytes));
      if (line !== undefined) return line.toString('latin1', 0, line.indexOf(0x0a) + 1);
    }
    return 'unfinished';
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return 'refused';
  }
}

export const sshGuardTargets: readonly Target[] = [
  { name: 'readChannelRequest', check: checkRequest, isRefusal },
  { name: 'readChannelType', check: checkType, isRefusal },
  { name: 'readGlobalRequest', check: checkGlobal, isRefusal },
  { name: 'IdentificationReader', check: checkIdentification, isRefusal },
];
