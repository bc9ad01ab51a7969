// Every detector by the name that policies give it.

import { card } from './card.ts';
import type { Detector } from './detector.ts';
import { email } from './email.ts';
import { iban } from './iban.ts';
import { nationalIds } from './national-ids.ts';
import { token } from './token.ts';

export const detectors: ReadonlyMap<string, Detector> = new Map(
  [card, email, iban, token, ...nationalIds].map((detector) => [detector.name, detector]),
);
