// Every detector by the name that policies give it.

import { card } from './card.ts';
import type { Detector } from './detector.ts';
import { email } from './email.ts';
import { iban } from './iban.ts';
import { nationalIds } from './national-ids.ts';
import { privateKey } from './private-key.ts';
import { token } from './token.ts';

const all = [card, email, iban, token, privateKey, ...nationalIds];

export const detectors: ReadonlyMap<string, readonly Detector[]> = new Map(
  all.map(({ name }) => [name, all.filter((detector) => detector.name === name)]),
);
