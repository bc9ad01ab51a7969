// Raw bytes of hostile callers and targets, and ordinary requests beside them: what is judged is what the target gets.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RecordingUpstream } from '#lab';
import { startRecordingUpstream } from '#lab';

import { payloads } from '../adversarial/http/cases.ts';
import { run, unpermitted } from '../adversarial/http/run.ts';
import type { Subject } from '../adversarial/http/subject.ts';
import { startSubject } from '../adversarial/http/subject.ts';

let upstream: RecordingUpstream;
let subject: Subject;
const received: string[] = [];

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  subject = await startSubject('sallyport', upstream);
});

afterAll(async () => {
  await subject[Symbol.asyncDispose]();
  await upstream.stop();
});

describe('a payload', () => {
  it.each(payloads)('$class: $name', async (payload) => {
    const outcome = await run(payload, subject, upstream);
    received.push(...outcome.received);
    expect(outcome.row).toMatchObject({ pass: true });
  });
});

describe('the target', () => {
  it('got no request without a permission on record', async () => {
    expect(received.length).toBeGreaterThan(payloads.length);
    expect(unpermitted(received, await subject.permitted())).toEqual([]);
  });
});
