// Every fault of the engine.

import { bundleFaults } from './bundle-cases.ts';
import { contributionFaults } from './contribution-cases.ts';
import { evaluationFaults } from './evaluation-cases.ts';
import type { Fault } from './fault.ts';
import { inputFaults } from './input-cases.ts';
import { moduleFaults } from './module-cases.ts';
import { threadFaults } from './thread-cases.ts';

export const faults: readonly Fault[] = [
  ...evaluationFaults,
  ...contributionFaults,
  ...inputFaults,
  ...moduleFaults,
  ...bundleFaults,
  ...threadFaults,
];
