// Every payload, in the order of the table.

import { answerPayloads } from './answer-cases.ts';
import { benignPayloads } from './benign-cases.ts';
import { forgedPayloads } from './forged-cases.ts';
import { framingPayloads } from './framing-cases.ts';
import { headerPayloads } from './header-cases.ts';
import { http2Payloads } from './http2-cases.ts';
import type { Payload } from './payload.ts';
import { targetPayloads } from './target-cases.ts';
import { upgradePayloads } from './upgrade-cases.ts';

export const payloads: readonly Payload[] = [
  ...framingPayloads,
  ...targetPayloads,
  ...headerPayloads,
  ...forgedPayloads,
  ...upgradePayloads,
  ...http2Payloads,
  ...answerPayloads,
  ...benignPayloads,
];
